// Times, numbers and signs, the same on every page.
import { draw, el } from './dom.js';

const KNOWN = ['low', 'medium', 'high', 'critical'];
let skew = 0; // the node's clock minus ours

/** The node's time is what counts: ours may be wrong. */
export const now = () => Date.now() + skew;
export function clockIs(iso) {
  skew = Date.parse(iso) - Date.now();
}

export const short = (id) => id.slice(0, 12);
export const number = (n) => n.toLocaleString('en');
export const many = (n, what) => `${number(n)} ${what}${n === 1 ? '' : 's'}`;
export const signed = (n) => (n > 0 ? '+' : '') + number(n).replace('-', '−');

// Where to find more of the same. What the API takes is what these may ask for.

const V4 = /^(?:(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])(?:\.(?!$)|$)){4}$/;
const UNTYPED = /[\0\r\n]+/; // NUL is in no search, and a field of one line holds no line's end
const MOST_TEXT = 200;
const MOST_TYPE = 1500; // in the address of a page, whose line has its bounds

/** Whether it writes an IP address; other sources may look like one. */
export function isAddress(text) {
  if (!text.includes(':')) return V4.test(text);
  const [address, zone] = text.split(/%(.*)/s);
  if (text.length > MOST_TEXT || !/^[0-9a-f:.]{2,45}$/i.test(address) || (zone !== undefined && !/^[^/\s\0]+$/.test(zone))) return false;
  try {
    return Boolean(new URL(`http://[${address}]/`));
  } catch {
    return false;
  }
}

/** As much of a text as counts, with no half character at its end. */
export const cut = (text) => text.slice(0, MOST_TEXT).replace(/[\ud800-\udbff]$/, (half) => (text.length > MOST_TEXT ? '' : half));

/** What to search for a text by: the longest part of it that can be written. */
const needle = (text) => cut(text.split(UNTYPED).reduce((a, b) => (b.length > a.length ? b : a)));

export const sameSource = (source) => '/events?' + new URLSearchParams(isAddress(source) ? { address: source } : { text: needle(source) });

export function sameType(type) {
  if (UNTYPED.test(type)) return '/events?' + new URLSearchParams({ text: needle(type) });
  const whole = new URLSearchParams({ type });
  return '/events?' + (String(whole).length <= MOST_TYPE ? whole : new URLSearchParams({ type: cut(type) }));
}

/** Large figures in few digits: 12.4 k, 3.1 M. */
export function compact(n) {
  if (n < 10000) return number(n);
  const [by, unit] = n < 999500 ? [1e3, 'k'] : n < 999.5e6 ? [1e6, 'M'] : [1e9, 'G'];
  const value = n / by;
  return (value < 99.95 ? value.toFixed(1) : value.toFixed(0)) + ' ' + unit;
}

export function size(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let n = bytes, unit = 0;
  while (n >= 1023.95 && unit < units.length - 1) {
    n /= 1024;
    unit++;
  }
  return (unit ? n.toFixed(1) : n) + ' ' + units[unit];
}

export const roundTrip = (ms) => (ms < 9.95 ? ms.toFixed(1) + ' ms' : ms < 999.5 ? ms.toFixed(0) + ' ms' : (ms / 1000).toFixed(2) + ' s');

export function span(s) {
  if (s < 60) return s + ' s';
  if (s < 3600) return Math.floor(s / 60) + ' min';
  if (s < 86400) return Math.floor(s / 3600) + ' h';
  return Math.floor(s / 86400) + ' d';
}

export function uptime(s) {
  const d = Math.floor(s / 86400), h = Math.floor(s / 3600) % 24, m = Math.floor(s / 60) % 60;
  return d ? `${d} d ${h} h` : h ? `${h} h ${m} min` : m ? `${m} min` : 'under a minute';
}

export function ago(iso) {
  const s = Math.round((now() - Date.parse(iso)) / 1000);
  if (s < -60) return 'in ' + span(-s);
  if (s < 5) return 'just now';
  return span(s) + ' ago';
}

export const absolute = (iso) => new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** A time: how long ago, and when exactly for who hovers. */
export function moment(iso, approximate) {
  const node = el('time', 'when');
  node.dateTime = iso;
  node.title = absolute(iso) + (approximate ? ' (approximate: the reporter named no time zone)' : '');
  node.dataset.approximate = approximate ? '1' : '';
  node.textContent = (approximate ? '≈ ' : '') + ago(iso);
  return node;
}

function since(iso, form) {
  const s = Math.round((now() - Date.parse(iso)) / 1000);
  return form === 'in' ? (s < 0 ? 'in ' + span(-s) : 'now') : span(Math.max(0, s));
}

/** How long something has lasted ('for'), how far it is behind ('by'), or when it comes ('in'). */
export function lasting(iso, form) {
  const node = el('time', 'when', since(iso, form));
  node.dateTime = iso;
  node.title = absolute(iso);
  node.dataset.form = form;
  return node;
}

/** Brings all times of the page up to now. */
export function tick() {
  for (const node of document.querySelectorAll('time.when')) {
    const text = node.dataset.form ? since(node.dateTime, node.dataset.form) : (node.dataset.approximate ? '≈ ' : '') + ago(node.dateTime);
    if (node.textContent !== text) node.textContent = text;
  }
}

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'unknown'];
export const level = (event) => (KNOWN.includes(event.severity) ? event.severity : 'unknown');
export const title = (word) => word[0].toUpperCase() + word.slice(1);

/** A severity, by the number of its bars, its word and its colour. */
export function severity(name) {
  const bars = [[0, 8], [3.8, 5.5], [7.6, 3], [11.4, 0]].map(([x, y]) => draw('rect', { x, y, width: 2.6, height: 12 - y }));
  return el('span', 'sev ' + name, draw('svg', { viewBox: '0 0 14 12', 'aria-hidden': 'true' }, ...bars), title(name));
}

/** The traffic light protocol's marking of an event; events without one are clear. */
export function tlp(event) {
  const mark = event.details && typeof event.details === 'object' ? event.details.tlp : undefined;
  const name = typeof mark === 'string' && ['clear', 'green', 'amber', 'red'].includes(mark.toLowerCase()) ? mark.toLowerCase() : 'clear';
  return el('span', 'tlp ' + name, title(name));
}

/** A line of numbers, as wide as its box; the last one has a dot. */
export function sparkline(values, label) {
  const width = 96, height = 22;
  const low = Math.min(0, ...values), high = Math.max(low + 1, ...values);
  const x = (i) => 2 + (values.length < 2 ? width - 4 : (i / (values.length - 1)) * (width - 4));
  const y = (v) => height - 3 - ((v - low) / (high - low)) * (height - 6);
  const points = values.map((v, i) => x(i).toFixed(1) + ',' + y(v).toFixed(1)).join(' ');
  const svg = draw('svg', { class: 'sparkline', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label });
  if (low < 0) svg.append(draw('line', { x1: 0, x2: width, y1: y(0).toFixed(1), y2: y(0).toFixed(1), class: 'zero' }));
  if (values.length > 1) svg.append(draw('polyline', { points }));
  if (values.length) svg.append(draw('circle', { cx: x(values.length - 1).toFixed(1), cy: y(values[values.length - 1]).toFixed(1), r: 2 }));
  return svg;
}
