import { $, el, foreign, link, put, visible } from './dom.js';
import { absolute, compact, level, many, moment, now, number, sameSource, sameType, SEVERITIES, severity, short, signed, size } from './format.js';
import { read, series } from './api.js';
import { plot } from './plot.js';
import { remember, remembered, start } from './shell.js';

const VISIT = 'cyphermesh-visit';
const GAP_MS = 600000; // who comes back after less is still on the same visit
const LATEST = 8;
const ENOUGH = 1000; // events, to tell the size of each
const TOPS_MS = 10000;
const TIMELINE_MS = 15000;
const WORDS = { hour: ['last hour', 'minute'], day: ['last 24 hours', '15 minutes'], week: ['last 7 days', '2 hours'] };

const chart = plot($('plot'), $('plot-legend'));
let timeline = null;
let hour = null; // by minutes: what the figure tells, whatever the plot shows
let latest = [];
let plugins = [];
let status = null;
let topsAt = 0;
let timelineAt = 0;
let drawing = 0;
let stale = false;

const chosen = () => document.querySelector('#spans input:checked').value;

// The visit before

let visit = { seen: 0, before: null };
function arrive() {
  try {
    visit = JSON.parse(remembered(VISIT)) || visit;
  } catch {
    // As if it were the first.
  }
  if (Date.now() - visit.seen > GAP_MS) visit = { seen: 0, before: visit.seen ? { at: visit.seen, peers: visit.peers, rejected: visit.rejected, version: visit.version, started: visit.started } : null };
  note();
}

function note() {
  visit.seen = Date.now();
  if (status) Object.assign(visit, { peers: status.peersConnected, rejected: status.events.rejected, version: status.version, started: status.startedAt });
  remember(VISIT, JSON.stringify(visit));
}

const item = (...parts) => el('li', '', ...parts);

async function showSince() {
  const { before } = visit;
  if (!before) {
    put('since-when', 'This is the first that this browser knows of.');
    $('since-list').replaceChildren(item(el('span', 'note', 'Come back later: what changed meanwhile will stand here.')));
    return;
  }
  const at = new Date(before.at).toISOString();
  $('since-when').replaceChildren(moment(at));
  const away = (now() - before.at) / 1000;
  const list = [];
  if (away > 7 * 86400) {
    list.push(item('More than a week: ', link('/events?last=week', '', 'the last 7 days')));
  } else {
    const spanned = away <= 3600 ? 'hour' : away <= 86400 ? 'day' : 'week';
    const meanwhile = await read('/api/v1/stats/timeline?span=' + spanned);
    const buckets = meanwhile.buckets.filter((bucket) => Date.parse(bucket.start) + meanwhile.bucketSeconds * 1000 > before.at);
    const sum = (name) => buckets.reduce((n, bucket) => n + bucket[name], 0);
    const total = SEVERITIES.reduce((n, name) => n + sum(name), 0);
    const href = (more) => '/events?' + new URLSearchParams({ since: at.slice(0, 19) + 'Z', ...more });
    list.push(item(link(href({}), '', el('b', '', '≈ ' + compact(total)), ' new events')));
    for (const name of ['critical', 'high']) {
      if (sum(name)) list.push(item(link(href({ severity: name }), 'sev-link', el('b', '', compact(sum(name))), severity(name))));
    }
  }
  if (before.started !== status.startedAt) list.push(item('Restarted ', moment(status.startedAt)));
  else if (status.events.rejected > before.rejected) list.push(item(el('b', '', number(status.events.rejected - before.rejected)), ' rejected'));
  if (before.version !== undefined && before.version !== status.version) list.push(item('Now version ', el('b', '', visible(status.version))));
  if (before.peers !== undefined && before.peers !== status.peersConnected) list.push(item(el('b', '', signed(status.peersConnected - before.peers)), ' peers'));
  for (const plugin of plugins.filter((each) => Date.parse(each.since) > before.at && Date.parse(each.since) - Date.parse(status.startedAt) > 60000).slice(0, 3)) {
    list.push(item(link('/plugins', '', foreign(plugin.id, '', 40)), ': ' + visible(plugin.state.toLowerCase())));
  }
  $('since-list').replaceChildren(...list);
}

// Figures

function showStatus(fresh) {
  status = fresh;
  const { events } = fresh;
  put('n-stored', compact(events.stored));
  $('n-stored').title = number(events.stored);
  put('n-stored-note', compact(events.local) + ' reported here');
  put('n-peers', number(fresh.peersConnected));
  put('n-peers-note', number(fresh.peersKnown) + ' known' + (fresh.peersBanned ? ', ' + number(fresh.peersBanned) + ' banned' : ''));
  put('n-rejected', compact(events.rejected));
  put('n-rejected-note', 'of ' + compact(events.received) + ' received');
  $('n-rejected').classList.toggle('bad', events.rejected > 0);
  put('n-storage', size(fresh.databaseBytes));
  // Of a few events it would be the size of an empty database that is shared out.
  put('n-storage-note', events.stored < ENOUGH ? 'database' : size(Math.round(fresh.databaseBytes / events.stored)) + ' an event');
}

const total = (bucket) => SEVERITIES.reduce((n, name) => n + bucket[name], 0);

function showHour() {
  if (!hour) return;
  const n = hour.buckets.reduce((sum, bucket) => sum + total(bucket), 0);
  put('n-hour', compact(n));
  put('n-hour-note', (n / 60 < 10 ? (n / 60).toFixed(1) : Math.round(n / 60)) + ' a minute');
}

// The plot

function showTimeline() {
  chart.show(timeline);
  const [words, each] = WORDS[chosen()];
  put('rate-note', `per ${each}, ${words}`);
  const rows = [...timeline.buckets].reverse().filter((bucket) => total(bucket) > 0).slice(0, 96).map((bucket) => el('tr', '',
    el('td', '', absolute(bucket.start)), ...SEVERITIES.map((name) => el('td', 'num', number(bucket[name])))));
  if (document.querySelector('.plot-table').open || !$('plot-rows').children.length) $('plot-rows').replaceChildren(...rows);
}

const loadTimeline = series(async () => {
  timelineAt = Date.now();
  const wished = chosen();
  const [shown, minutes] = await Promise.all([
    read('/api/v1/stats/timeline?span=' + wished),
    wished === 'hour' ? null : read('/api/v1/stats/timeline?span=hour'),
  ]);
  if (wished !== chosen()) return loadAgain();
  timeline = shown;
  hour = minutes || shown;
  showTimeline();
  showHour();
});
const loadAgain = () => void loadTimeline();

// A bar grows with each event, by the event's own time.
function count(event, line) {
  const at = Date.parse(event.time);
  const { buckets, bucketSeconds } = line;
  const first = buckets.length ? Date.parse(buckets[0].start) : Infinity;
  const index = Math.floor((at - first) / (bucketSeconds * 1000));
  if (index < 0) return;
  while (index >= buckets.length && index < buckets.length + 3) {
    buckets.push({ start: new Date(first + buckets.length * bucketSeconds * 1000).toISOString(), low: 0, medium: 0, high: 0, critical: 0, unknown: 0 });
    buckets.shift();
    return count(event, line);
  }
  if (buckets[index]) buckets[index][level(event)]++;
}

// Tops

const LISTS = {
  sources: (name) => [foreign(name, 'mono', 200), sameSource(name)],
  types: (name) => [foreign(name, '', 200), sameType(name)],
  reporters: (name) => [el('span', 'mono', short(name)), '/events?' + new URLSearchParams({ reporter: name }), status && name === status.nodeId],
};

function showTops(tops) {
  const [words] = WORDS[chosen()];
  for (const node of document.querySelectorAll('.span-word')) put(node, words);
  for (const [kind, look] of Object.entries(LISTS)) {
    const about = tops.sampled < tops.events ? '≈ ' : '';
    const most = Math.max(1, ...tops[kind].map((top) => top.events));
    const rows = tops[kind].slice(0, 8).map((top) => {
      const [label, href, mine] = look(top.name);
      if (!mine) label.title = visible(top.name).slice(0, 400);
      const row = el('li', '', link(href, '', label, mine ? el('span', 'me', 'this node') : null, el('b', '', about + compact(top.events))));
      row.style.setProperty('--share', ((top.events / most) * 100).toFixed(1) + '%');
      return row;
    });
    $('top-' + kind).replaceChildren(...(rows.length ? rows : [el('li', 'none', 'None in this time')]));
  }
  $('top-note').hidden = tops.sampled >= tops.events;
  put('top-note', tops.sampled < tops.events ? `The lists are estimated from ${compact(tops.sampled)} of ${compact(tops.events)} events, evenly spread.` : '\u00a0');
}

const loadTops = series(async () => {
  topsAt = Date.now();
  showTops(await read('/api/v1/stats/top?span=' + chosen()));
});

// Latest events, plugins

function showLatest() {
  $('latest').replaceChildren(...latest.slice(0, LATEST).map((event) => {
    const way = link('/events/' + event.key, '', severity(level(event)), foreign(event.threat_type, 'what', 120), foreign(event.source_ip, 'mono from', 80), moment(event.time, event.timeApproximate));
    return el('li', '', way);
  }));
  $('latest').hidden = latest.length === 0;
  $('latest-empty').hidden = latest.length > 0;
}

const ILL = { FAILED: 0, WEDGED: 0, STARTING: 1, STOPPING: 1, INSTALLED: 1, RESOLVED: 1, ACTIVE: 2, STOPPED: 3, DISABLED: 3 };
const STATE = ['ill', 'wait', 'up', 'off'];

function showPlugins() {
  const active = plugins.filter((plugin) => plugin.state === 'ACTIVE').length;
  const failed = plugins.filter((plugin) => ILL[plugin.state] === 0).length;
  put('n-plugins', `${active} / ${plugins.length}`);
  put('n-plugins-note', failed ? many(failed, 'fault') : 'no faults');
  $('n-plugins').classList.toggle('bad', failed > 0);
  $('health').replaceChildren(...[...plugins].sort((a, b) => ILL[a.state] - ILL[b.state]).slice(0, LATEST).map((plugin) => {
    const lag = plugin.lag && plugin.lag.events ? compact(plugin.lag.events) + ' behind' : null;
    return el('li', '', el('span', 'state ' + (STATE[ILL[plugin.state]] || 'off'), visible(plugin.state[0] + plugin.state.slice(1).toLowerCase())), foreign(plugin.id, 'what', 60), lag ? el('span', 'note', lag) : null, ILL[plugin.state] === 0 && plugin.lastError !== null ? foreign(plugin.lastError, 'fault', 160) : null);
  }));
  $('health').hidden = plugins.length === 0;
  $('health-empty').hidden = plugins.length > 0;
}

const loadPlugins = series(async () => {
  plugins = (await read('/api/v1/plugins')).plugins;
  showPlugins();
});

for (const input of document.querySelectorAll('#spans input')) {
  input.addEventListener('change', () => {
    loadTimeline().catch(() => {});
    loadTops().catch(() => {});
  });
}
document.querySelector('.plot-table').addEventListener('toggle', () => timeline && showTimeline());

function redraw() {
  drawing = 0;
  if (timeline) showTimeline();
  showHour();
  showLatest();
}

arrive();
addEventListener('pagehide', note);
let greeted = false;
start({
  status: showStatus,
  event(event) {
    stale = true;
    latest = [event, ...latest.filter((each) => each.seq !== event.seq)].slice(0, LATEST);
    for (const line of new Set([timeline, hour])) if (line) count(event, line);
    if (!drawing) drawing = setTimeout(redraw, 250);
  },
  plugins: () => loadPlugins().catch(() => {}),
  async refresh() {
    const [page] = await Promise.all([read('/api/v1/events?limit=' + LATEST), loadTimeline(), loadTops(), loadPlugins()]);
    latest = page.events;
    showLatest();
    if (!greeted) {
      greeted = true;
      await showSince();
    }
    note();
  },
  tick() {
    if (document.hidden) return;
    note();
    if (stale && Date.now() - topsAt > TOPS_MS) {
      stale = false;
      loadTops().catch(() => {});
    }
    if (Date.now() - timelineAt > TIMELINE_MS) loadTimeline().catch(() => {});
  },
});
