import { $, announce, button, cell, el, foreign, patch, put, visible } from './dom.js';
import { absolute, compact, lasting, many, moment, now, number, roundTrip, short, signed, size, sparkline } from './format.js';
import { loginPath, mayOrder, Problem, read, send, series, told } from './api.js';
import { confirmed, opens, submits } from './dialog.js';
import { draw } from './neighbourhood.js';
import { isLive, start } from './shell.js';

const PEERS_MS = 2000;
const HISTORY_MS = 60000;
const SAMPLES = 48;
const ROLES = {
  active: ['Active', 'A neighbour: new events are spread over the link'],
  sync: ['Sync', 'The link only compares what both nodes have stored'],
  v1: ['Version 1', 'A plain link to an original node: events are flooded over it'],
  passive: ['Passive', 'In reserve, without a link: it may become a neighbour'],
};

let peers = [];
let loaded = false;
let readAt = 0;
let due = false; // something changed while nobody looked
let rows = new Map(); // key to row
let reserveShown = false;
const busy = new Set(); // ids of peers that an order is on its way to
const faults = new Map(); // id to what went wrong with an order
const histories = new Map(); // id to { at, values }, values null where there are none
const slim = matchMedia('(max-width: 56.25em)');

const idOf = (peer) => (peer.id !== undefined ? peer.id : peer.nodeId);

function standing(peer) {
  if (peer.banned) return ['ill', 'Banned'];
  if (peer.blockedUntil !== null && Date.parse(peer.blockedUntil) > now()) return ['ill', 'Blocked'];
  if (peer.state === 'CONNECTED') return ['up', 'Connected'];
  if (peer.state === 'CONNECTING') return ['wait', 'Connecting'];
  return ['off', 'Disconnected'];
}

// An IP address may have several links of version 1, and each is a row.
function keyed(list) {
  const seen = new Map();
  return list.map((peer) => {
    const base = peer.nodeId !== null ? 'n' + peer.nodeId : 'a' + peer.address;
    const nth = (seen.get(base) || 0) + 1;
    seen.set(base, nth);
    return { key: nth > 1 ? base + '#' + nth : base, peer };
  });
}

function traffic(label, link, bytes, events, verb) {
  if (link === null) return cell('', 'num bare', '–');
  const total = el('span', '', size(bytes));
  total.title = `${many(bytes, 'byte')} ${verb} since the link is up`;
  const count = el('span', 'second', `${compact(events)} ${events === 1 ? 'event' : 'events'}`);
  count.title = many(events, 'event');
  return cell(label, 'num', total, count);
}

const nameOf = (peer) => (peer.address !== null ? visible(peer.address) : short(idOf(peer)));

// An address where nobody was met yet is all there is to tell it by.
const keyOf = (peer) => idOf(peer) || peer.address;

function verbFor(peer) {
  if (!idOf(peer)) return 'forget';
  return peer.banned || (peer.blockedUntil !== null && Date.parse(peer.blockedUntil) > now()) ? 'lift' : 'ban';
}

const VERBS = {
  ban: {
    word: 'Ban',
    label: (name) => `Ban ${name}`,
    text: 'Its link ends, it is not dialled, and what it reports or delivers is left aside, also after a restart, until you lift the ban.',
    done: (name) => `${name} is banned.`,
    send: (id) => send('POST', `/api/v1/peers/${encodeURIComponent(id)}/ban`),
  },
  lift: {
    word: 'Lift',
    label: (name) => `Lift the ban of ${name}`,
    text: 'It may link and report again. A reputation below zero begins at zero.',
    done: (name) => `The ban of ${name} is lifted.`,
    send: (id) => send('POST', `/api/v1/peers/${encodeURIComponent(id)}/lift`),
  },
  forget: {
    word: 'Forget',
    label: (name) => `Forget ${name}`,
    text: 'It is not dialled any more, unless it is added again or a peer tells of it.',
    done: (name) => `${name} is forgotten.`,
    send: (address) => send('POST', '/api/v1/peers/forget', { address }),
  },
};

function orders(peer) {
  const td = el('td', 'orders');
  const key = keyOf(peer);
  if (!mayOrder() || !key) return td;
  const verb = verbFor(peer);
  const node = button('quiet small-button', VERBS[verb].label(nameOf(peer)), VERBS[verb].word);
  node.dataset.verb = verb;
  node.dataset.peer = key;
  if (busy.has(key)) node.setAttribute('aria-disabled', 'true');
  td.append(node);
  return td;
}

function peerRow(peer) {
  const { link } = peer;
  const id = idOf(peer);
  const [kind, text] = standing(peer);
  const who = el('td', '', peer.address !== null ? foreign(peer.address, 'mono') : el('span', 'note', peer.role === 'passive' ? 'address not told yet' : peer.validEvents || peer.invalidEvents ? 'never met, known as a reporter' : 'never met'));
  if (peer.nodeId !== null) {
    const short12 = el('span', 'second mono', short(peer.nodeId));
    short12.title = peer.nodeId;
    who.append(short12);
  }
  if (peer.lastError !== null) who.append(foreign(peer.lastError, 'fault', 200));
  const refusal = faults.get(keyOf(peer));
  if (refusal) who.append(foreign(refusal, 'fault', 300));
  const state = cell('', '', el('span', 'state ' + kind, text));
  if (peer.banned && peer.bannedBy) state.append(el('span', 'second', peer.bannedBy === 'operator' ? 'by the operator' : 'by its reputation'));
  else if (kind === 'ill' && peer.blockedUntil !== null) state.append(el('span', 'second', 'ends ', lasting(peer.blockedUntil, 'in')));
  else if (peer.agent !== null) {
    const agent = foreign(peer.agent, 'second', 60);
    agent.title = agent.textContent;
    state.append(agent);
  }

  const role = cell('', ROLES[peer.role] ? '' : 'bare');
  if (ROLES[peer.role]) {
    const word = el('span', 'role', ROLES[peer.role][0]);
    word.title = ROLES[peer.role][1];
    role.append(word);
  } else {
    role.append('–');
  }
  if (link !== null) {
    const ways = [peer.direction, peer.role === 'active' ? (link.tree ? 'tree' : 'announced') : null].filter(Boolean);
    const way = el('span', 'second', ways.join(', '));
    way.title = (peer.direction === 'outbound' ? 'This node dialled' : 'The peer dialled')
      + (peer.role !== 'active' ? '' : link.tree ? '; new events go over it at once' : '; new events are announced, and fetched where they came by no other way');
    role.append(way);
  }

  const trip = link === null ? cell('', 'num bare', '–') : cell('Round trip', 'num', link.roundTripMillis === null ? '–' : roundTrip(link.roundTripMillis));
  if (link !== null) trip.title = link.roundTripMillis === null ? 'No ping was answered yet' : `${link.roundTripMillis.toFixed(3)} ms, of the last ping`;
  const score = link === null ? cell('', 'num bare', '–') : cell('Score', 'num', el('span', link.score < 0 ? 'neg' : '', signed(link.score)));
  const reputation = cell('Reputation', 'num', el('span', peer.reputation < 0 ? 'neg' : '', signed(peer.reputation)));
  const history = histories.get(id);
  if (history && history.values) {
    reputation.title = history.label;
    reputation.append(sparkline(history.values, history.label));
  }
  if (peer.invalidEvents) reputation.append(el('span', 'second', number(peer.invalidEvents) + ' invalid'));
  const seen = cell('Seen', '', peer.state === 'CONNECTED' ? 'now' : peer.lastSeen !== null ? moment(peer.lastSeen, false) : 'never');
  if (peer.state === 'CONNECTED' && peer.since !== null) seen.append(el('span', 'second', 'up ', lasting(peer.since, 'for')));
  return el('tr', '', who, state, role, trip,
    traffic('Received', link, link && link.bytesIn, link && link.eventsIn, 'read'),
    traffic('Sent', link, link && link.bytesOut, link && link.eventsOut, 'written'),
    score, reputation, seen, orders(peer));
}

function called(peer) {
  const parts = [peer.address !== null ? visible(peer.address) : null, peer.nodeId !== null ? short(peer.nodeId) : null, ROLES[peer.role][0].toLowerCase()];
  if (peer.link !== null) {
    if (peer.role === 'active') parts.push(peer.link.tree ? 'in the tree' : 'announced only');
    parts.push(peer.direction);
    if (peer.link.roundTripMillis !== null) parts.push(roundTrip(peer.link.roundTripMillis));
    parts.push('score ' + signed(peer.link.score));
  }
  parts.push('reputation ' + signed(peer.reputation));
  return parts.filter((part) => part !== null).join(', ');
}

function showHood(entries) {
  const drawing = entries.filter(({ peer }) => peer.link !== null || peer.role === 'passive').map(({ key, peer }) => ({
    key,
    peer,
    title: called(peer),
    label: (most) => (peer.nodeId !== null ? peer.nodeId.slice(0, most) : slim.matches ? 'v1' : visible(peer.address).slice(0, 15)),
  }));
  // With nobody around, its ring would be all there is to see.
  $('hood').hidden = drawing.length === 0;
  $('hood-empty').hidden = drawing.some(({ peer }) => peer.link !== null);
  const counts = draw($('hood-graph'), slim.matches, drawing);
  for (const what of ['tree', 'announced', 'sync', 'v1', 'passive']) put('hood-' + what, number(counts[what]));
}

function showPeers() {
  const entries = keyed(peers);
  const reserve = entries.filter(({ peer }) => peer.role === 'passive');
  const listed = entries.filter(({ peer }) => peer.role !== 'passive').concat(reserveShown ? reserve : []);
  const focus = document.activeElement && document.activeElement.dataset.peer;
  rows = patch($('peer-rows'), rows, listed.map(({ key, peer }) => [key, peer]), peerRow);
  if (focus && document.activeElement === document.body) {
    const again = [...$('peer-rows').querySelectorAll('button')].find((each) => each.dataset.peer === focus);
    if (again) again.focus({ preventScroll: true });
  }
  $('hood-panel').hidden = peers.length === 0;
  $('peers-table').hidden = listed.length === 0;
  $('peers-table').classList.toggle('told', mayOrder());
  $('peers-empty').hidden = peers.length > 0 || !loaded;
  $('peers-reserve').hidden = reserve.length === 0;
  put('peers-reserve', (reserveShown ? 'Hide ' : 'Show ') + `${number(reserve.length)} in reserve`);
  $('peers-reserve').setAttribute('aria-expanded', reserveShown);
  put('peers-note', peers.length ? `${number(peers.filter((peer) => peer.state === 'CONNECTED').length)} of ${number(peers.length)} connected` : '\u00a0');
  showHood(entries);
}

const refresh = series(async () => {
  readAt = Date.now();
  due = false;
  peers = (await read('/api/v1/peers')).peers;
  loaded = true;
  showPeers();
  readHistories();
  if (!peers.length) await readDiscovery();
});

/** Whether nodes on the same network find each other is for the operator to say. */
async function readDiscovery() {
  const { plugins } = await read('/api/v1/plugins');
  $('peers-find').hidden = !plugins.some((plugin) => plugin.extensions.some((part) => part.kind === 'discovery' && part.state === 'ACTIVE'));
}

// Histories: few at a time, and not again before a minute

function sampled(history) {
  const from = Date.parse(history.from), to = Date.parse(history.to);
  const values = [];
  let at = 0;
  for (let i = 0; i < SAMPLES; i++) {
    const time = from + ((to - from) * (i + 1)) / SAMPLES;
    while (at + 1 < history.points.length && Date.parse(history.points[at + 1].at) <= time) at++;
    values.push(history.points[at] ? history.points[at].score : 0);
  }
  return values;
}

let reading = false;
async function readHistories() {
  if (reading) return;
  reading = true;
  try {
    for (const peer of [...peers]) {
      const id = idOf(peer);
      if (!id || (peer.role === 'passive' && !reserveShown) || document.hidden) continue;
      const known = histories.get(id);
      if (known && Date.now() - known.at < HISTORY_MS) continue;
      histories.set(id, { at: Date.now(), values: known ? known.values : null, label: known ? known.label : '' });
      try {
        const history = await read(`/api/v1/peers/${encodeURIComponent(id)}/history`);
        const values = sampled(history);
        histories.set(id, { at: Date.now(), values, label: `Reputation since ${absolute(history.from)}: from ${signed(values[0])} to ${signed(values[values.length - 1])}` });
      } catch (e) {
        if (!(e instanceof Problem)) return;
      }
    }
    showPeers();
  } finally {
    reading = false;
  }
}

// Orders

async function order(key, verb) {
  const peer = peers.find((each) => keyOf(each) === key);
  if (!peer || busy.has(key)) return;
  const name = nameOf(peer);
  const { word, label, text, done, send: ask } = VERBS[verb];
  const sure = await confirmed({ title: `${label(name)}?`, text, yes: word });
  if (sure === null) return;
  busy.add(key);
  faults.delete(key);
  showPeers();
  try {
    await ask(key);
    announce(done(name));
    histories.delete(key);
  } catch (e) {
    faults.set(key, told(e));
    announce(`${name}: ${told(e)}`);
  } finally {
    busy.delete(key);
  }
  showPeers();
  refresh().catch(() => {});
}

$('peer-rows').addEventListener('click', (click) => {
  const node = click.target.closest('button[data-verb]');
  if (node) order(node.dataset.peer, node.dataset.verb);
});
$('peers-reserve').addEventListener('click', () => {
  reserveShown = !reserveShown;
  showPeers();
  readHistories();
});
for (const add of ['add-peer', 'hood-add']) opens($(add), $('peer-dialog'), $('peer-cancel'));
submits($('peer-form'), async () => {
  const answer = await send('POST', '/api/v1/peers', { address: $('peer-address').value.trim() });
  refresh().catch(() => {});
  return answer.new ? `${answer.address} is added and being dialled.` : `${answer.address} was known; it is being dialled.`;
});

// Round trips and traffic change without the feed telling so: they are read while somebody looks.
function look() {
  if (document.hidden || !isLive()) return;
  if (due || (Date.now() - readAt >= PEERS_MS && peers.some((peer) => peer.link !== null))) refresh().catch(() => {});
}
document.addEventListener('visibilitychange', look);
slim.addEventListener('change', () => peers.length && showPeers());
setInterval(look, 500);

start({
  begin() {
    for (const add of ['add-peer', 'hood-add']) $(add).hidden = !mayOrder();
    $('peers-locked').hidden = mayOrder();
    for (const way of document.querySelectorAll('.to-login')) way.href = loginPath(false);
  },
  peers() {
    if (document.hidden) due = true;
    else refresh().catch(() => {});
  },
  refresh,
});
