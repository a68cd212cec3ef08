// All of one event: its fields, what checks its signature, who else reported the same.
import { button, copyFrom, el, foreign, icon, link, visible } from './dom.js';
import { absolute, level, many, moment, number, sameSource, severity, short, tlp } from './format.js';
import { read, send, told } from './api.js';

const WIRE = ['id', 'source_ip', 'threat_type', 'severity', 'timestamp', 'reporter_pubkey', 'signature', 'details'];
const MOST_FIELDS = 60;
const LABELS = {
  confidence: 'Confidence', count: 'Count', description: 'Description', detector: 'Detector', 'detector.plugin': 'Detector', 'detector.rule': 'Rule', first_seen: 'First seen', last_seen: 'Last seen',
  tags: 'Tags', 'target.port': 'Target port', 'target.protocol': 'Protocol', 'target.service': 'Service', technique: 'Technique', tlp: 'TLP',
};
const CHECKS = { form: 'Form', id: 'Id', signature: 'Signature', time: 'Time', tlp: 'Marking' };

/** The event as the mesh carries it. */
export function wire(event) {
  const out = {};
  for (const key of WIRE) if (event[key] !== undefined) out[key] = event[key];
  return out;
}

function flat(value, path, out) {
  if (out.length >= MOST_FIELDS) return out;
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object' || each === null)) out.push([path, value.join(', ')]);
  else if (value && typeof value === 'object') for (const [key, each] of Object.entries(value)) flat(each, path ? path + '.' + key : key, out);
  else out.push([path, String(value)]);
  return out;
}

const pair = (label, ...value) => [el('dt', '', typeof label === 'string' ? label : null, typeof label === 'string' ? null : label), el('dd', '', ...value)];

function section(title, ...children) {
  return el('section', 'event-part', el('h3', '', title), ...children);
}

function copying(label, text) {
  const node = button('quiet small-button', null, icon('copy'), el('span', '', label));
  node.addEventListener('click', () => copyFrom(node, text()));
  return node;
}

/** Where an address is and whose; its begin, or less, where there is little room, with all of it under the pointer. */
export function place(geo, shown = (whole) => whole) {
  if (!geo) return null;
  const whole = [geo.countryName || geo.country, geo.asn ? 'AS' + geo.asn : null, geo.organisation].filter(Boolean).join(' · ');
  if (!whole) return null;
  const node = foreign(shown(whole), '', 120);
  node.title = visible(whole).slice(0, 400);
  return node;
}

/** The same in a few letters. */
export function shortPlace(geo) {
  const node = place(geo, () => geo.country || (geo.asn ? 'AS' + geo.asn : '…'));
  if (node) node.className = 'geo';
  return node;
}

function facts(event) {
  const where = place(event.geo);
  const by = event.deliveredBy;
  const rows = [
    pair('Source', link(sameSource(event.source_ip), '', foreign(event.source_ip, 'mono', 4000))),
    ...(where ? [pair('Located', where)] : []),
    pair('Severity', severity(level(event)), level(event) === event.severity ? null : el('span', 'note', ' written as ', foreign(event.severity || 'nothing', '', 60))),
    pair('Marking', tlp(event)),
    pair('Happened', moment(event.time, event.timeApproximate), el('span', 'note', ' ', absolute(event.time), event.timeApproximate ? ' (approximate: no time zone was named)' : '')),
    pair('As written', foreign(event.timestamp, 'mono', 200)),
    pair('Stored', moment(event.receivedAt), el('span', 'note', ' ', absolute(event.receivedAt), ', as number ', number(event.seq))),
    pair('Reporter', link('/events?reporter=' + event.reporterId, 'mono id', event.reporterId), event.local ? el('span', 'me', 'this node') : null),
    pair('Delivered by', event.local ? 'nobody: it was reported here' : by ? foreign(by, 'mono id', 200) : el('span', 'note', 'nobody: it was imported')),
    pair('Event id', el('span', 'mono id', event.id)),
    ...(event.key !== event.id ? [pair('Stored under', el('span', 'mono id', event.key))] : []),
  ];
  return el('dl', 'facts', ...rows.flat());
}

function details(event) {
  if (event.details === undefined || event.details === null) return section('Details', el('p', 'note', event.bare ? 'Lost on the way through a version 1 node.' : 'It came without any.'));
  const rows = flat(event.details, '', []).map(([path, value]) => pair(LABELS[path] || foreign(path, 'mono', 80), foreign(value, '', 2000)));
  return section('Details', el('dl', 'facts', ...rows.flat()));
}

function raw(event) {
  const text = JSON.stringify(wire(event), null, 2);
  const box = el('pre', 'mono wrap');
  box.textContent = visible(text);
  box.tabIndex = 0;
  const part = el('details', 'raw', el('summary', '', 'Raw JSON'), el('div', 'raw-tools', copying('Copy', () => text)), box);
  return el('section', 'event-part', part);
}

async function checked(event, list) {
  try {
    const check = await send('POST', '/api/v1/verify', wire(event));
    list.replaceChildren(...check.checks.map((step) => el('li', step.passed ? 'passed' : 'failed',
      icon(step.passed ? 'check' : 'warn'), el('span', 'hidden', step.passed ? 'passed: ' : 'failed: '), el('b', '', CHECKS[step.check] || visible(step.check)), foreign(step.detail, '', 300), foreign(step.by, 'note', 200))));
  } catch (e) {
    list.replaceChildren(el('li', 'note', 'It could not be checked again: ' + told(e)));
  }
}

async function related(event, box) {
  try {
    const found = await read(`/api/v1/events/${event.key}/related`);
    const others = found.reporters.filter((each) => each.reporterId !== event.reporterId);
    const latest = found.events.filter((each) => each.key !== event.key).slice(0, 10);
    const all = found.indicator;
    const where = place(all.geo);
    box.replaceChildren(
      el('p', '', el('b', '', many(all.events, 'event')), ' of ', el('b', '', many(all.reporters, 'reporter')), ' name ', foreign(all.value, 'mono', 200), where ? ', ' : null, where, '; first ', moment(all.firstSeen), ', last ', moment(all.lastSeen), '.'),
      others.length
        ? el('ul', 'reporters', ...others.slice(0, 12).map((each) => el('li', '', link('/events?reporter=' + each.reporterId, 'mono', short(each.reporterId)), el('span', 'note', ' ' + many(each.events, 'event')))))
        : el('p', 'note', 'Nobody else reported it.'),
      ...(latest.length
        ? [el('ul', 'latest', ...latest.map((each) => el('li', '', link('/events/' + each.key, '', severity(level(each)), foreign(each.threat_type, 'what', 120), el('span', 'mono from', short(each.reporterId)), moment(each.time, each.timeApproximate)))))]
        : []));
  } catch (e) {
    box.replaceChildren(el('p', 'note', 'What else is known of it could not be read: ' + told(e)));
  }
}

/** Draws the event into `box`, and asks for what is not in it. */
export function show(event, box) {
  const steps = el('ol', 'checks', el('li', 'note', 'Checking …'));
  const others = el('div', 'others', el('p', 'note', 'Reading …'));
  const seal = el('p', 'seal', icon('shield'), el('span', '', event.bare
    ? 'Its signature was verified before it was stored. Its details were lost on the way through a version 1 node, so its id cannot be checked.'
    : 'Its signature was verified before it was stored, and its id matches its content: nothing was altered on the way.'));
  const key = el('pre', 'mono wrap');
  key.textContent = visible(event.reporter_pubkey).trim();
  key.tabIndex = 0;
  const signature = el('pre', 'mono wrap');
  signature.textContent = visible(event.signature);
  signature.tabIndex = 0;
  box.replaceChildren(el('div', 'event-view',
    el('div', 'event-main', facts(event), details(event), raw(event)),
    el('div', 'event-aside',
      section('Signature', seal, steps, el('details', 'raw', el('summary', '', "Signature and the reporter's public key"), signature, key)),
      section('The same indicator', others))));
  checked(event, steps);
  related(event, others);
}
