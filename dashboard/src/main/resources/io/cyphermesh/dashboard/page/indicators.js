import { $, cell, el, foreign, link, patch, put } from './dom.js';
import { moment, number, sameSource, severity } from './format.js';
import { Problem, read, series, told } from './api.js';
import { place } from './event-view.js';
import { start } from './shell.js';

const PAGE = 50;
const MOST = 1000;
const REREAD_MS = 5000;
const SORTS = ['last_seen', 'events', 'reporters', 'severity'];
const ORDERS = { desc: 'descending', asc: 'ascending' };

let indicators = [];
let rows = new Map();
let next = null;
let generation = 0;
let state = 'unread'; // what is known of what is searched for: unread, read, failed, or the search was refused
let asked = null; // what the state is of
let loading = false;
let stale = false;
let readAt = 0;
let pointed = false;

const sort = () => $('sort').value;
const order = () => $('order').value;
const text = () => $('q').value.trim();

function fromAddress() {
  const query = new URLSearchParams(location.search);
  $('q').value = query.get('q') || '';
  $('sort').value = SORTS.includes(query.get('sort')) ? query.get('sort') : 'last_seen';
  $('order').value = query.get('order') === 'asc' ? 'asc' : 'desc';
}

function row(indicator) {
  const way = link(sameSource(indicator.value), 'open', foreign(indicator.value, 'mono', 200));
  const types = indicator.types.slice(0, 3).flatMap((type, i) => [i ? ', ' : null, foreign(type, '', 60)]);
  const more = indicator.types.length > 3 ? el('span', 'note', ` +${indicator.types.length - 3}`) : null;
  const where = place(indicator.geo);
  if (where) where.classList.add('second');
  return el('tr', '',
    cell('', 'name', way, where),
    cell('', 'c-sev', severity(indicator.severity)),
    cell('', 'types', ...types, more),
    cell('Reporters', 'num', number(indicator.reporters)),
    cell('Events', 'num', number(indicator.events)),
    cell('First', 'c-time', moment(indicator.firstSeen)),
    cell('Last', 'c-time', moment(indicator.lastSeen)));
}

function redraw() {
  rows = patch($('indicator-rows'), rows, indicators.map((each) => [each.value, each]), row);
  const none = indicators.length === 0 && next === null && state === 'read';
  $('indicators-table').hidden = indicators.length === 0;
  $('indicators-empty').hidden = !none || text() !== '';
  $('indicators-none').hidden = !none || text() === '';
  $('indicators-failed').hidden = state !== 'failed';
  $('older').hidden = next === null || indicators.length >= MOST;
  put('shown', indicators.length >= MOST ? `${number(indicators.length)} shown: a page holds no more` : state === 'unread' ? 'Reading …' : indicators.length ? `${number(indicators.length)} shown` + (next === null ? ', all there are' : '') : next === null ? '\u00a0' : 'None among those looked at so far');
  for (const button of document.querySelectorAll('.sort')) button.closest('th').setAttribute('aria-sort', button.dataset.sort === sort() ? ORDERS[order()] : 'none');
}

const query = (more) => '/api/v1/indicators?' + new URLSearchParams({ sort: sort(), order: order(), ...(text() ? { q: text() } : {}), limit: PAGE, ...more });

async function pages(cursor, wanted, mine) {
  const found = [];
  let at = cursor;
  for (let i = 0; i < 20 && found.length < wanted; i++) {
    const answer = await read(query(at === null ? {} : { cursor: at }));
    if (mine !== generation) return null;
    found.push(...answer.indicators);
    at = answer.next;
    if (at === null || !answer.partial) break;
  }
  return { found, cursor: at };
}

async function begin() {
  const mine = ++generation;
  loading = true;
  stale = false;
  readAt = Date.now();
  // What is only read again stays as it is until then.
  if (state !== 'read' || asked !== query({})) {
    asked = query({});
    state = 'unread';
    redraw();
  }
  try {
    const answer = await pages(null, 20, mine);
    if (answer === null) return;
    state = 'read';
    loading = false;
    put('f-problem', '');
    indicators = answer.found;
    next = answer.cursor;
    redraw();
  } catch (e) {
    if (mine !== generation) return;
    loading = false;
    if (state !== 'read') {
      const refused = e instanceof Problem && e.field === 'q';
      state = refused ? 'refused' : 'failed';
      put('f-problem', refused ? told(e) : '');
      put('indicators-failed-why', told(e));
      indicators = [];
      next = null;
      redraw();
    }
    if (!(e instanceof Problem)) throw e;
  }
}

async function older() {
  if (loading || state !== 'read' || next === null || indicators.length >= MOST) return;
  const mine = generation;
  loading = true;
  try {
    const answer = await pages(next, 20, mine);
    if (answer === null) return;
    const known = new Set(indicators.map((each) => each.value));
    indicators = indicators.concat(answer.found.filter((each) => !known.has(each.value)));
    next = answer.cursor;
  } catch (e) {
    put('shown', told(e));
  } finally {
    if (mine === generation) loading = false;
  }
  redraw();
}

function changed() {
  const shown = new URLSearchParams({ ...(text() ? { q: text() } : {}), ...(sort() === 'last_seen' ? {} : { sort: sort() }), ...(order() === 'desc' ? {} : { order: order() }) });
  history.replaceState(null, '', location.pathname + (String(shown) ? '?' + shown : ''));
  begin().catch(() => {});
}

let typing = 0;
$('filters').addEventListener('submit', (submit) => {
  submit.preventDefault();
  clearTimeout(typing);
  changed();
});
$('q').addEventListener('input', () => {
  clearTimeout(typing);
  typing = setTimeout(changed, 300);
});
for (const select of ['sort', 'order']) $(select).addEventListener('change', changed);
for (const button of document.querySelectorAll('.sort')) {
  button.addEventListener('click', () => {
    $('order').value = button.dataset.sort === sort() && order() === 'desc' ? 'asc' : 'desc';
    $('sort').value = button.dataset.sort;
    changed();
  });
}
$('reset').addEventListener('click', () => {
  $('q').value = '';
  changed();
  $('q').focus();
});
$('again').addEventListener('click', () => begin().catch(() => {}));
$('older').addEventListener('click', older);
$('indicators-table').addEventListener('pointerenter', (pointer) => { pointed = pointer.pointerType === 'mouse'; });
$('indicators-table').addEventListener('pointerleave', () => { pointed = false; });
new IntersectionObserver((seen) => {
  if (seen.some((each) => each.isIntersecting) && indicators.length) older();
}, { rootMargin: '600px' }).observe($('sentinel'));

// Rows move when others arrive: not under the pointer, nor once somebody reads further down.
const reread = series(begin);
function lookAgain() {
  if (!stale || document.hidden || pointed || scrollY > 300 || indicators.length > PAGE * 2 || $('indicators-table').contains(document.activeElement) || Date.now() - readAt < REREAD_MS) return;
  reread().catch(() => {});
}
setInterval(lookAgain, 1000);

fromAddress();
start({
  event: () => { stale = true; },
  refresh: begin,
});
