import { $, announce, cell, el, foreign, icon, link, put, visible } from './dom.js';
import { cut, level, moment, now, number, severity, SEVERITIES, short, tlp } from './format.js';
import { mayReport, Problem, read, send, series, told } from './api.js';
import { opens, submits } from './dialog.js';
import { shortPlace, show } from './event-view.js';
import { start } from './shell.js';

const PAGE = 100;
const LIVE_ROWS = 300; // of a page that is left open; more only for who scrolls
const MOST_ROWS = 2000;
const LOOKS = 30; // pages of a search that found little, before it asks whether to go on
const REREAD_MS = 2000;
const TIMES = ['last', 'since', 'until'];
const SPANS = { quarter: 900, hour: 3600, day: 86400, week: 604800 };
const PLAIN = ['text', 'address', 'type', 'reporter', 'detector', 'tlp', 'local'];
const AS_WRITTEN = ['type', 'detector']; // blanks around them count
const MORE = ['reporter', 'detector', 'tlp', 'local'];
const ANY_CASE = ['tlp', 'local'];

let events = []; // newest first, what is shown
let rows = new Map(); // seq to row
let waiting = []; // arrived while paused
let next = null; // where older ones go on
let filter = new URLSearchParams();
let generation = 0; // of the filter: answers to an older one are thrown away
let state = 'unread'; // what is known of this filter's events: unread, read, failed, or the filter was refused
let loading = false;
let paused = false;
let pointed = false;
let focused = false;
let pointing = false; // the details were opened by the pointer
let away = false; // scrolled down
let stored = null; // of the node, whether or not the filter lets any through
let due = 0;
let flushing = 0;
let heard = -1; // seq of the newest that the feed told of, whether or not it fits
let looked = -1; // up to which the node has said which ones fit
let reached = null;

// The filter: the form, the address of this page, and what the API is asked for

const field = (name) => $('filters').elements.namedItem(name);
const iso = (local) => (local ? new Date(local).toISOString().replace(/\.\d+Z$/, 'Z') : '');
function local(time) {
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? '' : new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, 19);
}

function fromAddress() {
  const query = new URLSearchParams();
  const unknown = [];
  const leave = (name, value) => void unknown.push(`${name}=${value}`);
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (query.has(name) || !(PLAIN.includes(name) || TIMES.includes(name) || name === 'severity')) leave(name, value);
    else if (value) query.set(name, value);
  }
  for (const name of PLAIN) {
    const value = query.get(name) || '';
    const wished = ANY_CASE.includes(name) ? value.toLowerCase() : value;
    field(name).value = wished;
    if (MORE.includes(name) && field(name).value !== wished) leave(name, value);
  }
  const asked = (query.get('severity') || '').split(',').filter(Boolean);
  const shown = asked.map((each) => each.trim().toLowerCase()).filter((each) => SEVERITIES.includes(each));
  for (const each of asked) if (!shown.includes(each.trim().toLowerCase())) leave('severity', each);
  for (const box of document.querySelectorAll('#f-severity input')) box.checked = !shown.length || shown.includes(box.value);
  for (const name of ['since', 'until']) {
    $('f-' + name).value = query.has(name) ? local(query.get(name)) : '';
    if (query.has(name) && !$('f-' + name).value) leave(name, query.get(name));
  }
  const between = Boolean($('f-since').value || $('f-until').value);
  const last = query.get('last');
  const spans = Object.hasOwn(SPANS, last) && !between;
  if (last && !spans) leave('last', last);
  $('f-last').value = between ? 'between' : spans ? last : '';
  put('f-unknown', unknown.length ? 'Not known here, and not applied: ' + unknown.slice(0, 8).map((each) => visible(cut(each))).join(', ') : '');
  if (between || MORE.some((name) => field(name).value)) openMore(true);
}

function fromForm() {
  const query = new URLSearchParams();
  for (const name of PLAIN) {
    const value = AS_WRITTEN.includes(name) ? field(name).value : field(name).value.trim();
    if (value) query.set(name, value);
  }
  const shown = [...document.querySelectorAll('#f-severity input:checked')].map((box) => box.value);
  if (shown.length && shown.length < SEVERITIES.length) query.set('severity', shown.join(','));
  const last = $('f-last').value;
  if (last === 'between') {
    if ($('f-since').value) query.set('since', iso($('f-since').value));
    if ($('f-until').value) query.set('until', iso($('f-until').value));
  } else if (last) {
    query.set('last', last);
  }
  return query;
}

/** What the API is asked for: a span back from now has become a time. */
function conditions() {
  const query = new URLSearchParams(filter);
  const last = query.get('last');
  query.delete('last');
  if (SPANS[last]) query.set('since', new Date(now() - SPANS[last] * 1000).toISOString().replace(/\.\d+Z$/, 'Z'));
  return query;
}

function openMore(open) {
  $('filters-more').hidden = !open;
  $('more-filters').setAttribute('aria-expanded', String(open));
  put('more-filters', open ? 'Fewer filters' : 'More filters');
}

function showFilter() {
  const between = $('f-last').value === 'between';
  for (const node of document.querySelectorAll('.between')) node.hidden = !between;
  $('filters-reset').hidden = [...filter.keys()].length === 0;
  for (const kind of ['csv', 'ndjson']) $('export-' + kind).href = `/api/v1/events.${kind}?` + conditions();
}

const isFiltered = () => [...filter.keys()].length > 0;

/** Whether an event may fit, by what needs no search; the node decides. */
function mayFit(event) {
  const one = (name, value) => !filter.has(name) || cut(filter.get(name)) === value;
  return one('type', cut(event.threat_type)) && one('reporter', event.reporterId) && one('local', String(event.local))
    && (!filter.has('severity') || filter.get('severity').split(',').includes(level(event)));
}

function changed() {
  const fresh = fromForm();
  if (String(fresh) === String(filter)) return showFilter();
  filter = fresh;
  put('f-unknown', '');
  history.replaceState(null, '', location.pathname + (isFiltered() ? '?' + filter : ''));
  showFilter();
  begin().catch(() => {});
}

// The list

function row(event, fresh) {
  const open = link('/events/' + event.key, 'open', foreign(event.threat_type, '', 200));
  open.tabIndex = -1;
  const source = foreign(event.source_ip, 'mono clip', 200);
  source.title = visible(event.source_ip).slice(0, 400);
  const seal = el('span', 'ok', icon('shield'), el('span', '', event.verified ? 'Verified' : 'Unchecked'));
  const tr = el('tr', fresh ? 'fresh' : '',
    cell('', 'c-time', moment(event.time, event.timeApproximate)),
    cell('', 'c-sev', severity(level(event))),
    cell('', 'type', open),
    cell('', 'c-src', source, shortPlace(event.geo)),
    cell('', 'c-who', el('span', 'mono', short(event.reporterId)), event.local ? el('span', 'me', 'this node') : null),
    cell('', 'c-tlp', tlp(event)),
    cell('', 'c-sig', seal));
  tr.dataset.seq = event.seq;
  return tr;
}

function redraw() {
  rows = new Map();
  const body = document.createDocumentFragment();
  for (const event of events) {
    const tr = row(event, false);
    rows.set(event.seq, tr);
    body.append(tr);
  }
  $('event-rows').replaceChildren(body);
  after();
}

function after() {
  const none = events.length === 0 && state === 'read';
  $('events-table').hidden = events.length === 0;
  $('events-empty').hidden = !none || isFiltered();
  $('events-none').hidden = !none || !isFiltered();
  $('events-failed').hidden = state !== 'failed';
  $('older').hidden = next === null || events.length === 0 || loading;
  put('shown', events.length ? `${number(events.length)} shown` + (next === null ? ', all there are' : stored !== null && !isFiltered() ? ` of ${number(stored)}` : '') : '\u00a0');
  const full = events.length >= MOST_ROWS;
  if (full) $('older').hidden = true;
  put('reach', full ? 'A page holds no more: narrow the filter, or export.' : loading ? 'Reading …' : reached ? `Looked back to event ${number(reached)}.` : '\u00a0');
  if (!$('event-rows').querySelector('[tabindex="0"]')) {
    const first = $('event-rows').querySelector('a.open');
    if (first) first.tabIndex = 0;
  }
}

function problem(error) {
  const field = error instanceof Problem ? error.field : undefined;
  put('f-problem', error && field ? told(error) : '');
  for (const input of $('filters').elements) {
    if (input.name && input.name === field) input.setAttribute('aria-invalid', 'true');
    else if (input.removeAttribute) input.removeAttribute('aria-invalid');
  }
  if (field && MORE.concat('since', 'until').includes(field)) openMore(true);
  return Boolean(field);
}

/** Reads on until there are enough, or a search has looked far enough. */
async function page(before, wanted, mine) {
  const found = [];
  let cursor = before;
  for (let i = 0; i < LOOKS && found.length < wanted; i++) {
    const query = conditions();
    query.set('limit', PAGE);
    if (cursor !== null) query.set('before', cursor);
    const answer = await read('/api/v1/events?' + query);
    if (mine !== generation) return null;
    found.push(...answer.events);
    cursor = answer.next;
    if (cursor === null || !answer.partial) break;
    reached = cursor;
    put('reach', `Looking further, now at event ${number(cursor)} …`);
  }
  if (cursor === null) reached = null;
  return { found, cursor };
}

/** Begins anew, by the filter as it is now. */
async function begin() {
  const mine = ++generation;
  state = 'unread';
  loading = true;
  reached = null;
  waiting = [];
  looked = -1;
  const upTo = heard;
  after();
  $('event-rows').setAttribute('aria-busy', 'true');
  try {
    const answer = await page(null, 30, mine);
    if (answer === null) return;
    problem(null);
    state = 'read';
    loading = false;
    events = answer.found;
    next = answer.cursor;
    looked = upTo;
    // What came meanwhile the answer has or lacks, as it happened.
    const newest = events.length ? events[0].seq : -1;
    waiting = waiting.filter((event) => event.seq > newest);
    redraw();
    hold();
  } catch (e) {
    if (mine !== generation) return;
    state = problem(e) ? 'refused' : 'failed';
    loading = false;
    events = [];
    next = null;
    put('events-failed-why', told(e));
    redraw();
    showWaiting();
    if (!(e instanceof Problem)) throw e;
  } finally {
    if (mine === generation) $('event-rows').setAttribute('aria-busy', 'false');
  }
}

async function older() {
  if (loading || state !== 'read' || next === null || events.length >= MOST_ROWS) return;
  const mine = generation;
  const hadFocus = document.activeElement === $('older');
  loading = true;
  after();
  try {
    const answer = await page(next, 40, mine);
    if (answer === null) return;
    next = answer.cursor;
    const known = new Set(rows.keys());
    const added = answer.found.filter((event) => !known.has(event.seq));
    const body = document.createDocumentFragment();
    for (const event of added) {
      const tr = row(event, false);
      rows.set(event.seq, tr);
      body.append(tr);
    }
    events = events.concat(added);
    $('event-rows').append(body);
    if (hadFocus && added.length) rows.get(added[0].seq).querySelector('a.open').focus({ preventScroll: true });
    loading = false;
    after();
  } catch (e) {
    if (mine !== generation) return;
    loading = false;
    after();
    put('reach', told(e));
  }
}

// What arrives

const held = () => paused || pointed || focused || away;

function showWaiting() {
  const n = waiting.length;
  $('waiting').hidden = n === 0;
  put('waiting-text', `${number(n)} new` + (n >= LIVE_ROWS ? ' or more' : ''));
  put('stream-state', paused ? 'Paused' : pointed || focused ? 'Held while you look' : away ? 'Held while you read further down' : '\u00a0');
}

function arrive(event) {
  heard = Math.max(heard, event.seq);
  if (!isFiltered()) {
    take([event]);
  } else if (mayFit(event) && !due) {
    due = setTimeout(() => {
      due = 0;
      reread().catch(() => {});
    }, REREAD_MS);
  }
}

/** Has the node say which of the newest ones fit: page by page, back to what it was asked about before. */
const reread = series(async () => {
  const mine = generation;
  const upTo = heard;
  const newest = waiting.length ? waiting[0].seq : events.length ? events[0].seq : -1;
  const known = Math.max(newest, looked);
  const found = [];
  let cursor = null;
  const isShort = () => known >= 0 && cursor !== null && cursor > known + 1;
  // Of as many as are kept the stream sees by itself that what lies between would be missing.
  for (let i = 0; i < LOOKS && found.length < LIVE_ROWS && (i === 0 || isShort()); i++) {
    const query = conditions();
    query.set('limit', PAGE);
    if (cursor !== null) query.set('before', cursor);
    const answer = await read('/api/v1/events?' + query);
    if (mine !== generation) return;
    found.push(...answer.events);
    cursor = answer.next;
  }
  if (isShort() && found.length < LIVE_ROWS) return begin();
  if (known < 0) {
    next = cursor;
    waiting = [];
  }
  looked = upTo;
  take(found);
});

function take(arrived) {
  const newest = events.length ? events[0].seq : -1;
  let added = false;
  for (const event of [...arrived].sort((a, b) => a.seq - b.seq)) {
    if (event.seq <= newest || rows.has(event.seq)) continue;
    if (!waiting.length || event.seq > waiting[0].seq) {
      waiting.unshift(event);
    } else if (!waiting.some((each) => each.seq === event.seq)) {
      waiting.push(event);
      waiting.sort((a, b) => b.seq - a.seq);
    } else {
      continue;
    }
    added = true;
  }
  if (waiting.length > LIVE_ROWS) waiting.length = LIVE_ROWS;
  if (added && !flushing) flushing = setTimeout(flush, 150);
}

function flush() {
  flushing = 0;
  hold();
}

function release() {
  const newest = events.length ? events[0].seq : -1;
  const arrived = waiting.filter((event) => event.seq > newest);
  if (state !== 'read' || arrived.length >= LIVE_ROWS) {
    // There is no list to join, or more came than is kept: what lies between would be missing.
    begin().catch(() => {});
    return;
  }
  waiting = [];
  const body = document.createDocumentFragment();
  for (const event of arrived) {
    const tr = row(event, true);
    rows.set(event.seq, tr);
    body.append(tr);
  }
  $('event-rows').prepend(body);
  events = arrived.concat(events);
  // A page left open for weeks must not grow: the oldest rows go, and can be read again.
  while (!away && !loading && events.length > LIVE_ROWS) {
    const last = events.pop();
    rows.get(last.seq).remove();
    rows.delete(last.seq);
    next = events[events.length - 1].seq;
  }
  after();
  showWaiting();
}

function hold() {
  // While the list is read anew, what waits joins the one that comes, not the one that goes.
  if (!held() && waiting.length && state === 'read') release();
  else showWaiting();
}

$('pause').addEventListener('click', () => {
  paused = !paused;
  $('pause').setAttribute('aria-pressed', String(paused));
  put('pause-text', paused ? 'Resume' : 'Pause');
  $('pause').querySelector('use').setAttribute('href', paused ? '#i-play' : '#i-pause');
  hold();
});
$('waiting').addEventListener('click', (click) => {
  if (state === 'unread') return; // they come by themselves, with the list
  scrollTo({ top: 0 });
  release();
  announce('The newest events are shown');
  const first = $('event-rows').querySelector('a.open');
  // Who came by the keyboard goes on from the newest; the pointer leaves the stream running.
  if (first && click.detail === 0) first.focus({ preventScroll: true });
});
const table = $('events-table');
// A finger that scrolls is no pointer that reads.
table.addEventListener('pointerenter', (pointer) => { if (pointer.pointerType === 'mouse') { pointed = true; showWaiting(); } });
table.addEventListener('pointerleave', () => { pointed = false; hold(); });
table.addEventListener('focusin', () => { focused = true; showWaiting(); });
table.addEventListener('focusout', (focus) => {
  if (table.contains(focus.relatedTarget) || $('sheet').open) return;
  focused = false;
  hold();
});
addEventListener('scroll', () => {
  const down = scrollY > 400;
  if (down !== away) {
    away = down;
    hold();
  }
}, { passive: true });
new IntersectionObserver((seen) => {
  if (seen.some((each) => each.isIntersecting) && events.length) older();
}, { rootMargin: '600px' }).observe($('sentinel'));

// Details

function open(event) {
  put('sheet-kicker', 'Event ' + number(event.seq));
  $('sheet-title').replaceChildren(severity(level(event)), foreign(event.threat_type, '', 300));
  $('sheet-link').href = '/events/' + event.key;
  show(event, $('sheet-body'));
  $('sheet').showModal();
  $('sheet-body').scrollTop = 0;
}

$('event-rows').addEventListener('click', (click) => {
  const tr = click.target.closest('tr');
  if (!tr || click.ctrlKey || click.metaKey || click.shiftKey || click.button !== 0) return;
  click.preventDefault();
  if (String(getSelection())) return;
  const event = events.find((each) => String(each.seq) === tr.dataset.seq);
  if (event) {
    pointing = click.detail > 0;
    tr.querySelector('a.open').focus({ preventScroll: true });
    open(event);
  }
});
$('event-rows').addEventListener('focusin', (focus) => {
  for (const other of $('event-rows').querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
  focus.target.tabIndex = 0;
});
$('event-rows').addEventListener('keydown', (key) => {
  const tr = key.target.closest('tr');
  const to = { ArrowDown: () => tr.nextElementSibling, ArrowUp: () => tr.previousElementSibling, Home: () => tr.parentNode.firstElementChild, End: () => tr.parentNode.lastElementChild }[key.key];
  const other = to && to();
  if (other) {
    key.preventDefault();
    other.querySelector('a.open').focus();
  }
});
$('sheet-close').addEventListener('click', () => $('sheet').close());
$('sheet').addEventListener('click', (click) => {
  if (click.target === $('sheet')) $('sheet').close();
});
$('sheet').addEventListener('close', () => {
  // The focus has gone back to the row, which would hold the stream: the pointer needs no focus.
  if (pointing && table.contains(document.activeElement)) document.activeElement.blur();
  if (!table.contains(document.activeElement)) {
    focused = false;
    hold();
  }
});

// The form's hands

let typing = 0;
$('filters').addEventListener('submit', (submit) => {
  submit.preventDefault();
  clearTimeout(typing);
  changed();
});
$('filters').addEventListener('input', (input) => {
  clearTimeout(typing);
  if (input.target.id === 'f-last' && input.target.value === 'between') openMore(true);
  typing = setTimeout(changed, input.target.matches('select, [type="checkbox"]') ? 0 : 350);
});
$('more-filters').addEventListener('click', () => openMore($('filters-more').hidden));
function reset() {
  for (const input of $('filters').elements) {
    if (input.type === 'checkbox') input.checked = true;
    else if ('value' in input) input.value = '';
  }
  changed();
  $('f-text').focus();
}
$('filters-reset').addEventListener('click', reset);
$('filters-reset-2').addEventListener('click', reset);
$('events-again').addEventListener('click', () => begin().catch(() => {}));
$('older').addEventListener('click', older);
addEventListener('popstate', () => {
  fromAddress();
  filter = fromForm();
  showFilter();
  begin().catch(() => {});
});
for (const kind of ['csv', 'ndjson']) $('export-' + kind).addEventListener('click', showFilter);

opens($('report'), $('report-dialog'), $('report-cancel'));
submits($('report-form'), async () => {
  const body = { source_ip: $('r-source').value.trim(), threat_type: $('r-type').value.trim(), severity: $('r-severity').value };
  const details = $('r-details').value.trim();
  if (details) {
    try {
      body.details = JSON.parse(details);
    } catch {
      $('r-details').focus();
      throw new Error('The details are not valid JSON.');
    }
  }
  return `Signed, stored and shared as ${short((await send('POST', '/api/v1/events', body)).id)}.`;
});

fromAddress();
filter = fromForm();
showFilter();
start({
  begin() {
    $('report').hidden = !mayReport();
    read('/api/v1/stats/top?span=week').then((tops) => {
      $('types').replaceChildren(...tops.types.map((top) => {
        const option = el('option');
        option.value = top.name;
        return option;
      }));
    }, () => {});
  },
  status: (status) => {
    stored = status.events.stored;
    after();
  },
  event: arrive,
  // What came while the feed was not there, without what is shown being read anew.
  refresh: () => (state === 'read' ? reread() : begin()),
});
