'use strict';
// Whatever a node shows may have been written by anybody on the mesh. Text therefore reaches the
// page by textContent only, and never as markup.
(() => {
  const PAGE = 200;
  const LIVE_ROWS = 500;
  const MOST_ROWS = 2000;
  const FIRST_ROWS = matchMedia('(max-width: 820px)').matches ? 6 : 12;
  const MORE_ROWS = 50;
  const SILENCE_MS = 40000;
  const TOKEN = 'cyphermesh-token';
  const KNOWN = ['low', 'medium', 'high', 'critical'];
  const $ = (id) => document.getElementById(id);

  let events = []; // newest first, no gaps: everything between first and last seq is here
  let hasOlder = false;
  let cap = LIVE_ROWS;
  let room = FIRST_ROWS; // how many rows the table may have
  let rows = new Map(); // seq to table row
  let incoming = [];
  let flushing = 0;
  let status = null;
  let skew = 0; // the node's clock minus ours
  let shown = null; // the event in the details panel
  let feed = null;
  let wakeFeed = null;

  // Text

  const ODD = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\udb40[\udc00-\udc7f]/g;

  // Characters that hide, or turn the text around them, are shown by their number.
  const visible = (text) => String(text).replace(ODD, (c) => '⟨U+' + c.codePointAt(0).toString(16).toUpperCase().padStart(4, '0') + '⟩');

  function el(name, className, ...children) {
    const node = document.createElement(name);
    if (className) node.className = className;
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  }

  // Foreign text, set apart so that its direction stays its own.
  function foreign(text, className, most = 400) {
    const whole = visible(text);
    const node = el('bdi', className);
    node.textContent = whole.length > most ? whole.slice(0, most) + '…' : whole;
    return node;
  }

  const short = (id) => id.slice(0, 12);
  const number = (n) => n.toLocaleString('en');
  const severity = (event) => (KNOWN.includes(event.severity) ? event.severity : 'unknown');
  const now = () => Date.now() + skew;

  function ago(iso) {
    const s = Math.round((now() - Date.parse(iso)) / 1000);
    if (s < -60) return 'in ' + span(-s);
    if (s < 5) return 'just now';
    return span(s) + ' ago';
  }

  function span(s) {
    if (s < 60) return s + ' s';
    if (s < 3600) return Math.floor(s / 60) + ' min';
    if (s < 86400) return Math.floor(s / 3600) + ' h';
    return Math.floor(s / 86400) + ' d';
  }

  function uptime(s) {
    const d = Math.floor(s / 86400), h = Math.floor(s / 3600) % 24, m = Math.floor(s / 60) % 60;
    return d ? `${d} d ${h} h` : h ? `${h} h ${m} min` : m ? `${m} min` : 'under a minute';
  }

  const absolute = (iso) => new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

  function moment(iso, approximate) {
    const node = el('time', 'when');
    node.dateTime = iso;
    node.title = absolute(iso) + (approximate ? ' (approximate: the reporter named no time zone)' : '');
    node.dataset.approximate = approximate ? '1' : '';
    node.textContent = (approximate ? '≈ ' : '') + ago(iso);
    return node;
  }

  // How long something has lasted ('for'), how far it is behind ('by'), or when it comes ('in').
  function lasting(iso, form) {
    const node = el('time', 'when', since(iso, form));
    node.dateTime = iso;
    node.title = absolute(iso);
    node.dataset.form = form;
    return node;
  }

  function since(iso, form) {
    const s = Math.round((now() - Date.parse(iso)) / 1000);
    return form === 'in' ? (s < 0 ? 'in ' + span(-s) : 'now') : span(Math.max(0, s));
  }

  function shield() {
    const NS = 'http://www.w3.org/2000/svg';
    const svg = document.createElementNS(NS, 'svg');
    svg.setAttribute('viewBox', '0 0 16 16');
    svg.setAttribute('aria-hidden', 'true');
    const path = document.createElementNS(NS, 'path');
    path.setAttribute('d', 'M8 .8 2 3v4.6c0 3.6 2.5 6.5 6 7.6 3.5-1.1 6-4 6-7.6V3zM7.1 11 4.2 8.1l1.1-1.1 1.8 1.8 3.7-3.7 1.1 1.1z');
    path.setAttribute('fill', 'currentColor');
    path.setAttribute('fill-rule', 'evenodd');
    svg.append(path);
    return svg;
  }

  // The node

  const token = () => sessionStorage.getItem(TOKEN);

  async function call(path, options = {}) {
    const headers = new Headers(options.headers);
    if (token()) headers.set('Authorization', 'Bearer ' + token());
    return fetch(path, { ...options, headers, cache: 'no-store', credentials: 'omit' });
  }

  class Locked extends Error {}

  async function read(path) {
    const response = await call(path);
    if (response.status === 401) throw new Locked();
    if (!response.ok) throw new Error(await reason(response));
    return response.json();
  }

  async function reason(response) {
    try {
      const problem = await response.json();
      return problem.detail || problem.title || 'error ' + response.status;
    } catch {
      return 'error ' + response.status;
    }
  }

  // Counters

  function showStatus(fresh) {
    const first = status === null;
    const before = status;
    status = fresh;
    skew = Date.parse(fresh.now) - Date.now();
    document.title = 'CypherMesh ' + short(fresh.nodeId);
    $('node-id').textContent = short(fresh.nodeId);
    $('listening').textContent = fresh.listening === null ? 'not listening' : visible(fresh.listening);
    $('version').textContent = visible(fresh.version);
    $('n-stored').textContent = number(fresh.events.stored);
    $('n-stored-note').textContent = number(fresh.events.duplicates) + ' duplicates met';
    $('n-peer').textContent = number(fresh.events.stored - fresh.events.local);
    $('n-peer-note').textContent = number(fresh.events.accepted) + ' since start';
    $('n-local').textContent = number(fresh.events.local);
    $('n-rejected').textContent = number(fresh.events.rejected);
    $('s-rejected').classList.toggle('alarm', fresh.events.rejected > 0);
    $('n-peers').textContent = number(fresh.peersConnected);
    $('n-peers-note').textContent = number(fresh.peersKnown) + ' known' + (fresh.peersBanned ? ', ' + number(fresh.peersBanned) + ' banned' : '');
    $('warning').hidden = fresh.warning === null;
    $('warning').textContent = fresh.warning === null ? '' : visible(fresh.warning);
    $('engine').textContent = 'Signatures checked by ' + visible(fresh.cryptoProvider) + ' · database ' + (fresh.databaseBytes / 1048576).toFixed(1) + ' MiB';
    if (!first && before.peersConnected !== fresh.peersConnected) {
      $('announce').textContent = `${fresh.peersConnected} peers connected`;
    }
    tick();
  }

  function showRate() {
    const bars = new Array(12).fill(0);
    let count = 0;
    const at = now();
    for (const event of events) {
      const age = at - Date.parse(event.receivedAt);
      if (age >= 3600000) break;
      count++;
      bars[11 - Math.min(11, Math.max(0, Math.floor(age / 300000)))]++;
    }
    const partial = hasOlder && count === events.length && count > 0;
    $('n-hour').textContent = number(count) + (partial ? '+' : '');
    const top = Math.max(1, ...bars);
    $('spark').replaceChildren(...bars.map((n) => el('i', n ? 'h' + Math.max(1, Math.round((n / top) * 7)) : 'none h0')));
  }

  function tick() {
    if (status) $('uptime').textContent = uptime(Math.max(0, (now() - Date.parse(status.startedAt)) / 1000));
    for (const node of document.querySelectorAll('time.when')) {
      const text = node.dataset.form ? since(node.dateTime, node.dataset.form) : (node.dataset.approximate ? '≈ ' : '') + ago(node.dateTime);
      if (node.textContent !== text) node.textContent = text;
    }
    showRate();
  }

  // Events

  function row(event, fresh) {
    const time = el('td', '', moment(event.time, event.timeApproximate));
    const level = el('td', '', el('span', 'badge ' + severity(event), severity(event)[0].toUpperCase() + severity(event).slice(1)));
    const open = el('button', 'open', foreign(event.threat_type, '', 200));
    open.type = 'button';
    open.tabIndex = -1;
    open.setAttribute('aria-haspopup', 'dialog');
    const type = el('td', 'type', open);
    const source = el('td', '', foreign(event.source_ip, 'mono clip', 200));
    source.firstChild.title = visible(event.source_ip).slice(0, 400);
    const reporter = el('td', '', el('span', 'who', el('span', 'mono', short(event.reporterId)), event.local ? el('span', 'me', 'this node') : null));
    const signature = el('td', '', el('span', 'ok', shield(), event.verified ? 'Verified' : 'Unchecked'));
    const tr = el('tr', fresh ? 'fresh' : '', time, level, type, source, reporter, signature);
    tr.dataset.seq = event.seq;
    return tr;
  }

  function fits(event) {
    const box = document.querySelector(`.chips input[value="${severity(event)}"]`);
    if (!box.checked) return false;
    const words = $('filter').value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return true;
    const text = (event.threat_type + ' ' + event.source_ip + ' ' + event.reporterId + (event.local ? ' this node' : '')).toLowerCase();
    return words.every((word) => text.includes(word));
  }

  function redraw() {
    rows = new Map();
    const body = document.createDocumentFragment();
    for (const event of events) {
      if (rows.size >= room) break;
      if (!fits(event)) continue;
      const tr = row(event, false);
      rows.set(event.seq, tr);
      body.append(tr);
    }
    $('event-rows').replaceChildren(body);
    afterDraw();
  }

  function afterDraw() {
    const any = events.length > 0;
    $('events-empty').hidden = any || status === null;
    $('events-none').hidden = !any || rows.size > 0;
    $('events-table').hidden = rows.size === 0;
    document.querySelector('.panel-foot').hidden = !any;
    const fitting = events.reduce((n, event) => n + (fits(event) ? 1 : 0), 0);
    const loadable = hasOlder && events.length < MOST_ROWS;
    $('older').hidden = rows.size >= fitting && !loadable;
    const filtered = events.length - fitting;
    $('shown').textContent = !any ? '\u00a0' : `${number(rows.size)} shown` + (filtered ? `, ${number(filtered)} filtered out` : '') + (rows.size < fitting || loadable ? '' : hasOlder ? '; older ones by the API' : ', all there are');
    if (!$('event-rows').querySelector('[tabindex="0"]')) {
      const first = $('event-rows').querySelector('button.open');
      if (first) first.tabIndex = 0;
    }
    showRate();
  }

  // Takes one list of events into the other; both newest first.
  function merge(more) {
    const known = new Set(events.map((event) => event.seq));
    const added = more.filter((event) => !known.has(event.seq));
    events = events.concat(added).sort((a, b) => b.seq - a.seq);
    return added;
  }

  function arrive(event) {
    incoming.push(event);
    if (incoming.length > 2 * LIVE_ROWS) incoming.splice(0, LIVE_ROWS);
    if (!flushing) flushing = setTimeout(flush, 120);
  }

  function flush() {
    flushing = 0;
    const arrived = incoming.sort((a, b) => b.seq - a.seq);
    incoming = [];
    const known = new Set(rows.keys());
    const newest = events.length ? events[0].seq : 0;
    const added = merge(arrived);
    if (!added.length) return;
    if (added.some((event) => event.seq < newest)) {
      trim();
      redraw();
      return;
    }
    const body = $('event-rows');
    const fragment = document.createDocumentFragment();
    for (const event of added) {
      if (fragment.childElementCount >= room) break;
      if (!fits(event) || known.has(event.seq)) continue;
      const tr = row(event, true);
      rows.set(event.seq, tr);
      fragment.append(tr);
    }
    body.prepend(fragment);
    trim();
    afterDraw();
  }

  // A page left open for weeks must not grow: the oldest rows go, and can be loaded again.
  function trim() {
    while (events.length > cap) {
      const last = events.pop();
      const tr = rows.get(last.seq);
      if (tr && !tr.contains(document.activeElement)) tr.remove();
      rows.delete(last.seq);
      hasOlder = true;
    }
    const extra = [...$('event-rows').children].slice(room);
    for (const tr of extra) {
      if (tr.contains(document.activeElement)) continue;
      tr.remove();
      rows.delete(Number(tr.dataset.seq));
    }
  }

  async function loadNewest() {
    const page = await read('/api/v1/events?limit=' + PAGE);
    const newest = events.length ? events[0].seq : 0;
    const reaches = page.events.length === 0 || page.next === null || page.events[page.events.length - 1].seq <= newest;
    if (!reaches || !events.length) {
      // More was missed than one page holds: begin anew, so that the list has no hole.
      events = page.events;
      hasOlder = page.next !== null;
      cap = LIVE_ROWS;
      room = Math.min(room, cap);
    } else {
      merge(page.events);
    }
    trim();
    redraw();
  }

  async function showMore() {
    const button = $('older');
    button.disabled = true;
    const before = rows.size;
    room += MORE_ROWS;
    try {
      if (hasOlder && events.length < MOST_ROWS && events.filter(fits).length < room) {
        const page = await read(`/api/v1/events?limit=${PAGE}&before=${events[events.length - 1].seq}`);
        cap = Math.min(MOST_ROWS, Math.max(cap, events.length + page.events.length));
        merge(page.events);
        hasOlder = page.next !== null;
      }
      redraw();
      const next = $('event-rows').children[before];
      if (next) next.querySelector('button.open').focus({ preventScroll: true });
    } catch (e) {
      $('shown').textContent = 'Older events could not be loaded: ' + e.message;
    } finally {
      button.disabled = false;
    }
  }

  // Peers and plugins

  function cell(label, className, ...children) {
    const td = el('td', className, ...children);
    if (label) td.dataset.label = label;
    return td;
  }

  function peerState(peer) {
    if (peer.banned) return ['ill', 'Banned'];
    if (peer.blockedUntil !== null && Date.parse(peer.blockedUntil) > now()) return ['ill', 'Blocked'];
    if (peer.state === 'CONNECTED') return ['up', 'Connected'];
    if (peer.state === 'CONNECTING') return ['wait', 'Connecting'];
    return ['off', 'Disconnected'];
  }

  async function loadPeers() {
    const { peers } = await read('/api/v1/peers');
    $('peer-rows').replaceChildren(...peers.map((peer) => {
      const [kind, text] = peerState(peer);
      const name = peer.address !== null ? foreign(peer.address, 'mono') : el('span', 'note', 'never met, known as a reporter');
      const who = el('td', '', name);
      if (peer.nodeId !== null) {
        const id = el('span', 'second mono', short(peer.nodeId));
        id.title = peer.nodeId;
        who.append(id);
      }
      if (peer.lastError !== null) who.append(foreign(peer.lastError, 'fault', 200));
      const state = cell('', '', el('span', 'state ' + kind, text));
      for (const part of [peer.direction, peer.agent]) {
        if (part !== null) state.append(foreign(part, 'second', 60));
      }
      const score = cell('Reputation', 'num', el('span', peer.reputation < 0 ? 'neg' : '', (peer.reputation > 0 ? '+' : '') + number(peer.reputation).replace('-', '−')));
      if (peer.invalidEvents) score.append(el('span', 'second', number(peer.invalidEvents) + ' invalid'));
      const seen = cell('Seen', '', peer.state === 'CONNECTED' ? 'now' : peer.lastSeen !== null ? moment(peer.lastSeen, false) : 'never');
      return el('tr', '', who, state, score, seen);
    }));
    $('peers-table').hidden = peers.length === 0;
    $('peers-empty').hidden = peers.length > 0;
    $('peers-note').textContent = peers.length ? `${peers.filter((peer) => peer.state === 'CONNECTED').length} of ${peers.length} connected` : '';
  }

  const PLUGIN_STATES = { ACTIVE: 'up', STARTING: 'wait', STOPPING: 'wait', RESOLVED: 'wait', INSTALLED: 'wait', FAILED: 'ill', WEDGED: 'ill' };
  const PLUGIN_WORK = { detector: 'reported', exporter: 'delivered', discovery: 'found' };
  const PLUGIN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
  const ORDERS = { enable: ['Enable', 'Enabling', 'enabled'], disable: ['Disable', 'Disabling', 'disabled'], reload: ['Reload', 'Reloading', 'reloaded'] };
  // A plugin has 10 s to stop; who waits longer waits behind another order.
  const ORDER_MS = 15000;
  const MOST_LAG = 100000;
  let plugins = null;
  let pluginRows = new Map(); // id to [what it was drawn from, table row]
  const orders = new Map(); // id to what it was told: { verb, busy, problem, since }

  // A jar that is refused stands under its file's name and can be told nothing.
  const refusedJar = (plugin) => plugin.state === 'FAILED' && (!PLUGIN_ID.test(plugin.id) || /\.jar$/i.test(plugin.id));

  function work(plugin) {
    const counts = new Map();
    const parts = plugin.extensions.length ? plugin.extensions : plugin.kinds.slice(0, 1).map((kind) => ({ kind, produced: plugin.produced }));
    for (const part of parts) {
      const word = PLUGIN_WORK[part.kind];
      if (word) counts.set(word, (counts.get(word) || 0) + part.produced);
    }
    const node = cell('', counts.size || plugin.refused ? '' : 'bare');
    node.append(counts.size ? [...counts].map(([word, n]) => number(n) + ' ' + word).join(', ') : '–');
    if (plugin.refused) node.append(el('span', 'second', number(plugin.refused) + ' refused'));
    return node;
  }

  function behind(lag) {
    if (lag === null) return cell('', 'bare', '–');
    const node = cell('', '', lag.events ? number(lag.events) + (lag.events >= MOST_LAG ? '+' : '') + ' behind' : 'Up to date');
    if (lag.events && lag.since !== null) node.append(el('span', 'second', 'by ', lasting(lag.since, 'by')));
    if (lag.lost) node.append(el('span', 'fault', number(lag.lost) + ' lost: deleted before they were delivered'));
    return node;
  }

  function pluginRow(plugin) {
    const order = orders.get(plugin.id);
    const refused = refusedJar(plugin);
    const ill = plugin.state === 'FAILED' || plugin.state === 'WEDGED';
    const name = el('td', '', el('span', '', foreign(plugin.id, 'type', 255), ' ', foreign(plugin.version, 'note mono', 30)));
    const about = [plugin.description, plugin.provider].filter(Boolean);
    if (about.length) name.append(el('span', 'second', ...about.flatMap((text, i) => [i ? ' · ' : null, foreign(text, '', 160)])));
    if (refused && plugin.file !== null && plugin.file.path !== plugin.id) name.append(foreign(plugin.file.path, 'second mono', 400));
    if (plugin.lastError !== null) {
      name.append(el('span', ill ? 'fault' : 'second', ill ? null : 'Last error: ', foreign(plugin.lastError, '', 1000)));
      if (plugin.errorAt !== null) name.append(foreign(plugin.errorAt, 'second mono', 400));
    }
    if (order && order.problem) name.append(el('span', 'fault', foreign(order.problem, '', 1000)));

    const word = order && order.busy ? ORDERS[order.verb][1] + '…' : refused ? 'Refused' : visible(plugin.state[0] + plugin.state.slice(1).toLowerCase());
    const state = cell('', '', el('span', 'state ' + (order && order.busy ? 'wait' : PLUGIN_STATES[plugin.state] || 'off'), word));
    state.append(el('span', 'second', 'for ', lasting(plugin.since, 'for')));
    if (plugin.nextTry !== null) state.append(el('span', 'second', 'next try ', lasting(plugin.nextTry, 'in')));

    const actions = el('td', 'orders');
    if (!refused && token()) {
      for (const verb of plugin.state === 'DISABLED' ? ['enable'] : ['disable', 'reload']) {
        const button = el('button', 'quiet', ORDERS[verb][0]);
        button.type = 'button';
        button.dataset.plugin = plugin.id;
        button.dataset.verb = verb;
        button.setAttribute('aria-label', ORDERS[verb][0] + ' ' + plugin.id);
        // Not disabled: it keeps the focus while it waits.
        if (order && order.busy) button.setAttribute('aria-disabled', 'true');
        actions.append(button);
      }
    }
    const restarts = cell('Restarts', plugin.restarts ? 'num' : 'num bare', number(plugin.restarts));
    const tr = el('tr', '', name, cell('', plugin.kinds.length ? '' : 'bare', plugin.kinds.length ? foreign(plugin.kinds.join(', '), '', 80) : '–'), state, work(plugin), behind(plugin.lag), restarts, actions);
    tr.setAttribute('aria-busy', String(Boolean(order && order.busy)));
    return tr;
  }

  function showPlugins() {
    if (plugins === null) return;
    for (const plugin of plugins) {
      const order = orders.get(plugin.id);
      if (order && !order.busy && order.since !== plugin.since) orders.delete(plugin.id); // it went on
    }
    const active = document.activeElement;
    // What did not change keeps its row, in its place: taking it out for a moment, or moving it, would end the focus and
    // what is selected there.
    const rows = new Map(plugins.map((plugin) => {
      const from = JSON.stringify([plugin, orders.get(plugin.id), Boolean(token())]);
      const old = pluginRows.get(plugin.id);
      return [plugin.id, old && old[0] === from ? old : [from, pluginRow(plugin)]];
    }));
    const body = $('plugin-rows');
    for (const [id, [, old]] of pluginRows) {
      const fresh = rows.get(id);
      if (!fresh) old.remove();
      else if (fresh[1] !== old) old.replaceWith(fresh[1]);
    }
    [...rows.values()].forEach(([, tr], i) => {
      if (body.children[i] !== tr) body.insertBefore(tr, body.children[i] || null);
    });
    pluginRows = rows;
    if (active && active.dataset.plugin && !active.isConnected) {
      const buttons = [...body.querySelectorAll('button')].filter((button) => button.dataset.plugin === active.dataset.plugin);
      const next = buttons.find((button) => button.dataset.verb === active.dataset.verb) || buttons[0];
      if (next) next.focus({ preventScroll: true });
    }
    $('plugins-table').hidden = plugins.length === 0;
    $('plugins-table').classList.toggle('told', Boolean(token()));
    $('plugins-empty').hidden = plugins.length > 0;
    $('plugins-locked').hidden = plugins.length === 0 || Boolean(token());
    $('plugins-note').textContent = plugins.length ? `${plugins.filter((plugin) => plugin.state === 'ACTIVE').length} of ${plugins.length} active` : '';
  }

  async function loadPlugins() {
    plugins = (await read('/api/v1/plugins')).plugins;
    showPlugins();
  }

  function outcome(verb, plugin) {
    const [, , done] = ORDERS[verb];
    if (plugin.state === 'WEDGED') return `${plugin.id} did not stop within 10 s. It can do nothing any more, but keeps its thread until the node is restarted.`;
    if (verb !== 'disable' && plugin.state === 'FAILED') return `${plugin.id} is ${done}, but failed: ${plugin.lastError || 'the log says why'}`;
    return `${plugin.id} is ${done}.`;
  }

  // A page that is read aloud hears the same text again only where it changed.
  function announce(text) {
    $('announce').textContent = '';
    requestAnimationFrame(() => { $('announce').textContent = visible(text); });
  }

  async function tellPlugin(id, verb) {
    const plugin = plugins.find((each) => each.id === id);
    if (!plugin || (orders.get(id) || {}).busy) return;
    if (verb !== 'enable' && plugin.kinds.includes('transport')) {
      const sure = await confirmed(`${ORDERS[verb][0]} ${id}?`, verb === 'disable'
        ? 'It carries links to peers. They are cut, and none can be made by it until it is enabled again.'
        : 'It carries links to peers. They are cut, and made anew once it runs again.', ORDERS[verb][0]);
      if (!sure) return;
    }
    orders.set(id, { verb, busy: true, problem: '' });
    showPlugins();
    announce(`${ORDERS[verb][1]} ${id}`);
    let problem = '';
    try {
      const response = await call(`/api/v1/plugins/${encodeURIComponent(id)}/${verb}`, { method: 'POST', signal: AbortSignal.timeout(ORDER_MS) });
      if (!response.ok) throw new Error(await reason(response));
      const then = await response.json();
      plugins = plugins.map((each) => (each.id === id ? then : each));
      announce(outcome(verb, then));
    } catch (e) {
      problem = e.name === 'TimeoutError' ? `${ORDERS[verb][0]}: it takes longer than ${ORDER_MS / 1000} s. What becomes of it is shown here.`
        : e instanceof TypeError ? `${ORDERS[verb][0]}: the node does not answer.`
        : `${ORDERS[verb][0]}: ${e.message}`;
      announce(`${id}: ${problem}`);
    }
    const then = plugins.find((each) => each.id === id);
    if (problem && then) orders.set(id, { verb, busy: false, problem, since: then.since });
    else orders.delete(id);
    showPlugins();
    refreshPlugins();
  }

  function confirmed(title, text, yes) {
    $('confirm-title').textContent = title;
    $('confirm-text').textContent = text;
    $('confirm-yes').textContent = yes;
    $('confirm').showModal();
    // What is harmless is what Enter does at once.
    $('confirm-no').focus();
    return new Promise((resolve) => {
      const close = (sure) => () => { resolve(sure); $('confirm').close(); };
      $('confirm-yes').onclick = close(true);
      $('confirm-no').onclick = close(false);
      $('confirm').onclose = close(false);
    });
  }

  // Details

  function wire(event) {
    const out = {};
    for (const key of ['id', 'source_ip', 'threat_type', 'severity', 'timestamp', 'reporter_pubkey', 'signature', 'details']) {
      if (event[key] !== undefined) out[key] = event[key];
    }
    return out;
  }

  function showDetails(event) {
    shown = event;
    $('d-kicker').textContent = 'Event ' + number(event.seq);
    $('d-title').replaceChildren(foreign(event.threat_type));
    $('d-seal').replaceChildren(shield(), el('span', '', event.bare
      ? 'Signature verified. Its details were lost on the way through a version 1 node, so its id could not be checked.'
      : 'Signature verified. The id matches the content, so nothing was altered on the way.'));
    const fields = [
      ['Severity', el('span', 'badge ' + severity(event), foreign(event.severity || 'none', '', 60))],
      ['Source', foreign(event.source_ip, 'mono', 4000)],
      ['Reported', el('span', '', absolute(event.time), event.timeApproximate ? ' (approximate)' : '')],
      ['As written', foreign(event.timestamp, 'mono', 200)],
      ['Received', el('span', '', absolute(event.receivedAt))],
      ['Reporter', el('span', 'who mono', event.reporterId, event.local ? el('span', 'me', 'this node') : null)],
      ['Event id', el('span', 'mono', event.id)],
    ];
    $('d-fields').replaceChildren(...fields.flatMap(([name, value]) => [el('dt', '', name), el('dd', '', value)]));
    $('d-json-box').hidden = event.details === undefined;
    $('d-json').textContent = event.details === undefined ? '' : visible(JSON.stringify(event.details, null, 2));
    $('d-signature').textContent = event.signature;
    $('d-key').textContent = visible(event.reporter_pubkey).trim();
    $('d-copy').textContent = 'Copy as JSON';
    $('details').showModal();
    $('details').querySelector('.scroll').scrollTop = 0;
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Without TLS a browser offers no clipboard beyond loopback: the old way still works.
      const area = el('textarea', 'hidden');
      area.value = text;
      (document.querySelector('dialog[open]') || document.body).append(area);
      area.select();
      const done = document.execCommand('copy');
      area.remove();
      return done;
    }
  }

  async function copyFrom(button, text) {
    const label = button.textContent;
    button.textContent = (await copy(text)) ? 'Copied' : 'Copying is blocked';
    setTimeout(() => { button.textContent = label; }, 1400);
  }

  // The live feed

  function live(state, text) {
    if ($('live').dataset.state === state && $('live-text').textContent === text) return;
    $('live').dataset.state = state;
    $('live-text').textContent = text;
  }

  async function refresh() {
    showStatus(await read('/api/v1/status'));
    await Promise.all([loadNewest(), loadPeers(), loadPlugins()]);
  }

  // Refetches run one after the other, and at most one waits.
  function series(load) {
    let running = false, again = false;
    return async () => {
      if (running) { again = true; return; }
      running = true;
      try {
        do { again = false; await load(); } while (again);
      } catch { /* the feed's next connection refetches everything */ } finally { running = false; }
    };
  }
  const refreshPeers = series(loadPeers);
  const refreshPlugins = series(loadPlugins);
  const refreshAll = series(refresh);

  function take(name, data) {
    switch (name) {
      case 'event': arrive(JSON.parse(data)); break;
      case 'status': showStatus(JSON.parse(data)); break;
      case 'peers': refreshPeers(); break;
      case 'plugins': refreshPlugins(); break;
      case 'missed': refreshAll(); break;
      default: // a newer node may say more
    }
  }

  async function listen() {
    feed = new AbortController();
    const abort = feed;
    let silence = setTimeout(() => abort.abort(), SILENCE_MS);
    try {
      const response = await call('/api/v1/live', { headers: { Accept: 'text/event-stream' }, signal: abort.signal });
      if (response.status === 401) throw new Locked();
      if (!response.ok) throw new Error(await reason(response));
      // Listening first and reading second: what happens in between comes twice, not never.
      await refresh();
      live('live', 'Live');
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return true;
        clearTimeout(silence);
        silence = setTimeout(() => abort.abort(), SILENCE_MS);
        rest += value;
        let end;
        while ((end = rest.indexOf('\n\n')) >= 0) {
          const frame = rest.slice(0, end);
          rest = rest.slice(end + 2);
          let name = '', data = '';
          for (const line of frame.split('\n')) {
            if (line.startsWith('event: ')) name = line.slice(7);
            else if (line.startsWith('data: ')) data += line.slice(6);
          }
          if (name) take(name, data);
        }
      }
    } finally {
      clearTimeout(silence);
      abort.abort();
    }
  }

  async function follow() {
    let wait = 500;
    for (;;) {
      const began = Date.now();
      try {
        await listen();
      } catch (e) {
        if (e instanceof Locked) {
          live('down', 'Locked');
          await askToken();
          wait = 500;
          continue;
        }
      }
      if (Date.now() - began > 10000) wait = 500;
      live('down', 'Reconnecting');
      const delay = wait * (0.75 + Math.random() / 2);
      await new Promise((resolve) => { wakeFeed = resolve; setTimeout(resolve, delay); });
      wait = Math.min(wait * 2, 15000);
    }
  }

  function askToken() {
    $('gate-error').textContent = token() ? 'That is not the node\'s token.' : '';
    sessionStorage.removeItem(TOKEN);
    showToken();
    $('gate').showModal();
    return new Promise((resolve) => {
      $('gate-form').addEventListener('submit', (submit) => {
        submit.preventDefault();
        sessionStorage.setItem(TOKEN, $('gate-token').value.trim());
        $('gate-token').value = '';
        $('gate').close();
        showToken();
        resolve();
      }, { once: true });
    });
  }

  // Operator

  function showToken() {
    const have = Boolean(token());
    for (const fieldset of document.querySelectorAll('#peer-form fieldset, #report-form fieldset')) fieldset.disabled = !have;
    $('token-forget').hidden = !have;
    $('token').placeholder = have ? 'in use' : '';
    showPlugins();
  }

  async function tell(form, path, body, done) {
    const outcome = form.querySelector('.outcome');
    const button = form.querySelector('button');
    outcome.classList.remove('bad');
    outcome.textContent = '';
    button.disabled = true;
    try {
      const response = await call(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
      if (!response.ok) throw new Error(await reason(response));
      outcome.replaceChildren(foreign(done(await response.json(), response)));
      form.reset();
    } catch (e) {
      outcome.classList.add('bad');
      outcome.replaceChildren(foreign(e.message));
    } finally {
      button.disabled = false;
    }
  }

  $('token-form').addEventListener('submit', (submit) => {
    submit.preventDefault();
    sessionStorage.setItem(TOKEN, $('token').value.trim());
    $('token').value = '';
    showToken();
    $('peer-address').focus();
  });
  $('token-forget').addEventListener('click', () => {
    sessionStorage.removeItem(TOKEN);
    showToken();
    $('token').focus();
  });
  $('peer-form').addEventListener('submit', (submit) => {
    submit.preventDefault();
    tell(submit.target, '/api/v1/peers', { address: $('peer-address').value.trim() }, (answer) => answer.new ? `${answer.address} is added and being dialled.` : `${answer.address} was known; it is being dialled.`);
  });
  $('report-form').addEventListener('submit', (submit) => {
    submit.preventDefault();
    const outcome = submit.target.querySelector('.outcome');
    const body = { source_ip: $('r-source').value.trim(), threat_type: $('r-type').value.trim(), severity: $('r-severity').value };
    const details = $('r-details').value.trim();
    if (details) {
      try {
        body.details = JSON.parse(details);
      } catch {
        outcome.classList.add('bad');
        outcome.textContent = 'The details are not valid JSON.';
        $('r-details').focus();
        return;
      }
    }
    tell(submit.target, '/api/v1/events', body, (event) => `Signed, stored and shared as ${short(event.id)}.`);
  });

  // Hands on

  $('node-id').addEventListener('click', () => status && copyFrom($('node-id'), status.nodeId));
  $('older').addEventListener('click', showMore);
  $('filter').addEventListener('input', redraw);
  for (const box of document.querySelectorAll('.chips input')) box.addEventListener('change', redraw);
  $('filter-reset').addEventListener('click', () => {
    $('filter').value = '';
    for (const box of document.querySelectorAll('.chips input')) box.checked = true;
    redraw();
    $('filter').focus();
  });

  $('event-rows').addEventListener('click', (click) => {
    const tr = click.target.closest('tr');
    if (!tr || String(getSelection())) return;
    const event = events.find((each) => String(each.seq) === tr.dataset.seq);
    if (event) {
      tr.querySelector('button.open').focus();
      showDetails(event);
    }
  });
  $('event-rows').addEventListener('focusin', (focus) => {
    for (const other of $('event-rows').querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
    focus.target.tabIndex = 0;
  });
  $('event-rows').addEventListener('keydown', (key) => {
    const tr = key.target.closest('tr');
    const to = { ArrowDown: () => tr.nextElementSibling, ArrowUp: () => tr.previousElementSibling, Home: () => tr.parentNode.firstElementChild, End: () => tr.parentNode.lastElementChild }[key.key];
    const next = to && to();
    if (next) {
      key.preventDefault();
      next.querySelector('button.open').focus();
    }
  });
  $('plugin-rows').addEventListener('click', (click) => {
    const button = click.target.closest('button');
    if (button && button.dataset.verb) tellPlugin(button.dataset.plugin, button.dataset.verb);
  });
  $('plugins-unlock').addEventListener('click', () => {
    $('operator').open = true;
    $('token').focus();
    $('operator').scrollIntoView({ block: 'nearest' });
  });
  $('d-close').addEventListener('click', () => $('details').close());
  $('d-copy').addEventListener('click', () => shown && copyFrom($('d-copy'), JSON.stringify(wire(shown), null, 2)));
  $('details').addEventListener('click', (click) => {
    if (click.target === $('details')) $('details').close();
  });
  $('gate').addEventListener('cancel', (cancel) => cancel.preventDefault());
  addEventListener('online', () => wakeFeed && wakeFeed());
  addEventListener('visibilitychange', () => !document.hidden && wakeFeed && wakeFeed());

  showToken();
  setInterval(tick, 5000);
  follow();
})();
