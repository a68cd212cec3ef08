import { $, announce, button, cell, el, foreign, put, visible } from './dom.js';
import { lasting, number } from './format.js';
import { mayOrder, Problem, read, send, series, told } from './api.js';
import { confirmed } from './dialog.js';
import { start } from './shell.js';

const STATES = { ACTIVE: 'up', STARTING: 'wait', STOPPING: 'wait', RESOLVED: 'wait', INSTALLED: 'wait', FAILED: 'ill', WEDGED: 'ill' };
const WORK = { detector: 'reported', exporter: 'delivered', discovery: 'found' };
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const ORDERS = { enable: ['Enable', 'Enabling', 'enabled'], disable: ['Disable', 'Disabling', 'disabled'], reload: ['Reload', 'Reloading', 'reloaded'] };
// A plugin has 10 s to stop; who waits longer waits behind another order.
const ORDER_MS = 15000;
const MOST_LAG = 100000;

let plugins = null;
let rows = new Map(); // id to [what it was drawn from, row]
const orders = new Map(); // id to what it was told: { verb, busy, problem, since }

// A jar that is refused stands under its file's name and can be told nothing.
const refusedJar = (plugin) => plugin.state === 'FAILED' && (!ID.test(plugin.id) || /\.jar$/i.test(plugin.id));

function work(plugin) {
  const counts = new Map();
  const parts = plugin.extensions.length ? plugin.extensions : plugin.kinds.slice(0, 1).map((kind) => ({ kind, produced: plugin.produced }));
  for (const part of parts) {
    const word = WORK[part.kind];
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

function about(plugin, order, refused) {
  const ill = plugin.state === 'FAILED' || plugin.state === 'WEDGED';
  const name = el('td', '', el('span', '', foreign(plugin.id, 'type', 255), ' ', foreign(plugin.version, 'note mono', 30)));
  const parts = [plugin.description, plugin.provider].filter(Boolean);
  if (parts.length) name.append(el('span', 'second', ...parts.flatMap((text, i) => [i ? ' · ' : null, foreign(text, '', 160)])));
  if (refused && plugin.file !== null && plugin.file.path !== plugin.id) name.append(foreign(plugin.file.path, 'second mono', 400));
  if (plugin.upgrade !== null) name.append(el('span', 'fault', 'Version ', foreign(plugin.upgrade.version, 'mono', 30), ' could not take its place: ', foreign(plugin.upgrade.reason, '', 400)));
  if (plugin.trialEnds !== null) name.append(el('span', 'second', 'On trial, goes back to the former version at a fault; ends ', lasting(plugin.trialEnds, 'in')));
  if (plugin.lastError !== null) {
    name.append(el('span', ill ? 'fault' : 'second', ill ? null : 'Last error: ', foreign(plugin.lastError, '', 1000)));
    if (plugin.errorAt !== null) name.append(foreign(plugin.errorAt, 'second mono', 400));
  }
  if (order && order.problem) name.append(el('span', 'fault', foreign(order.problem, '', 1000)));
  return name;
}

function row(plugin) {
  const order = orders.get(plugin.id);
  const refused = refusedJar(plugin);
  const word = order && order.busy ? ORDERS[order.verb][1] + '…' : refused ? 'Refused' : visible(plugin.state[0] + plugin.state.slice(1).toLowerCase());
  const state = cell('', '', el('span', 'state ' + (order && order.busy ? 'wait' : STATES[plugin.state] || 'off'), word));
  state.append(el('span', 'second', 'for ', lasting(plugin.since, 'for')));
  if (plugin.nextTry !== null) state.append(el('span', 'second', 'next try ', lasting(plugin.nextTry, 'in')));
  const actions = el('td', 'orders');
  if (!refused && mayOrder()) {
    for (const verb of plugin.state === 'DISABLED' ? ['enable'] : ['disable', 'reload']) {
      const node = button('quiet small-button', ORDERS[verb][0] + ' ' + plugin.id, ORDERS[verb][0]);
      node.dataset.plugin = plugin.id;
      node.dataset.verb = verb;
      // Not disabled: it keeps the focus while it waits.
      if (order && order.busy) node.setAttribute('aria-disabled', 'true');
      actions.append(node);
    }
  }
  const restarts = cell('Restarts', plugin.restarts ? 'num' : 'num bare', number(plugin.restarts));
  const tr = el('tr', '', about(plugin, order, refused), cell('', plugin.kinds.length ? '' : 'bare', plugin.kinds.length ? foreign(plugin.kinds.join(', '), '', 80) : '–'), state, work(plugin), behind(plugin.lag), restarts, actions);
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
  const then = new Map(plugins.map((plugin) => {
    const from = JSON.stringify([plugin, orders.get(plugin.id), mayOrder()]);
    const old = rows.get(plugin.id);
    return [plugin.id, old && old[0] === from ? old : [from, row(plugin)]];
  }));
  const body = $('plugin-rows');
  for (const [id, [, old]] of rows) {
    const fresh = then.get(id);
    if (!fresh) old.remove();
    else if (fresh[1] !== old) old.replaceWith(fresh[1]);
  }
  [...then.values()].forEach(([, tr], i) => {
    if (body.children[i] !== tr) body.insertBefore(tr, body.children[i] || null);
  });
  rows = then;
  if (active && active.dataset.plugin && !active.isConnected) {
    const buttons = [...body.querySelectorAll('button')].filter((each) => each.dataset.plugin === active.dataset.plugin);
    const next = buttons.find((each) => each.dataset.verb === active.dataset.verb) || buttons[0];
    if (next) next.focus({ preventScroll: true });
  }
  $('plugins-table').hidden = plugins.length === 0;
  $('plugins-table').classList.toggle('told', mayOrder());
  $('plugins-empty').hidden = plugins.length > 0;
  $('plugins-locked').hidden = plugins.length === 0 || mayOrder();
  put('plugins-note', plugins.length ? `${plugins.filter((plugin) => plugin.state === 'ACTIVE').length} of ${plugins.length} active` : '\u00a0');
}

const refresh = series(async () => {
  plugins = (await read('/api/v1/plugins')).plugins;
  showPlugins();
});

function outcome(verb, plugin) {
  const [, , done] = ORDERS[verb];
  if (plugin.state === 'WEDGED') return `${plugin.id} did not stop within 10 s. It can do nothing any more, but keeps its thread until the node is restarted.`;
  if (verb !== 'disable' && plugin.state === 'FAILED') return `${plugin.id} is ${done}, but failed: ${plugin.lastError || 'the log says why'}`;
  return `${plugin.id} is ${done}.`;
}

async function order(id, verb) {
  const plugin = plugins.find((each) => each.id === id);
  if (!plugin || (orders.get(id) || {}).busy) return;
  if (verb !== 'enable' && plugin.kinds.includes('transport')) {
    const sure = await confirmed({
      title: `${ORDERS[verb][0]} ${id}?`,
      text: verb === 'disable'
        ? 'It carries links to peers. They are cut, and none can be made by it until it is enabled again.'
        : 'It carries links to peers. They are cut, and made anew once it runs again.',
      yes: ORDERS[verb][0],
    });
    if (sure === null) return;
  }
  orders.set(id, { verb, busy: true, problem: '' });
  showPlugins();
  announce(`${ORDERS[verb][1]} ${id}`);
  let problem = '';
  try {
    const then = await send('POST', `/api/v1/plugins/${encodeURIComponent(id)}/${verb}`, undefined, { signal: AbortSignal.timeout(ORDER_MS) });
    plugins = plugins.map((each) => (each.id === id ? then : each));
    announce(outcome(verb, then));
  } catch (e) {
    problem = e.name === 'TimeoutError' ? `${ORDERS[verb][0]}: it takes longer than ${ORDER_MS / 1000} s. What becomes of it is shown here.` : `${ORDERS[verb][0]}: ${e instanceof Problem ? e.message : told(e)}`;
    announce(`${id}: ${problem}`);
  }
  const then = plugins.find((each) => each.id === id);
  if (problem && then) orders.set(id, { verb, busy: false, problem, since: then.since });
  else orders.delete(id);
  showPlugins();
  refresh().catch(() => {});
}

$('plugin-rows').addEventListener('click', (click) => {
  const node = click.target.closest('button[data-verb]');
  if (node) order(node.dataset.plugin, node.dataset.verb);
});

start({ plugins: () => refresh().catch(() => {}), refresh });
