import { $, button, cell, copyFrom, el, foreign, icon, put, visible } from './dom.js';
import { lasting, moment, number, size } from './format.js';
import { loginPath, mayOrder, Problem, read, series, told, whoAmI } from './api.js';
import { field } from './dialog.js';
import { isLive, start } from './shell.js';

const LINES = 300;
const LOG_MS = 3000;
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'];
const SOURCES = { default: 'Default', file: 'File', environment: 'Environment', 'command line': 'Command line' };

let settings = [];
let lines = [];
let shownLog = '';
let readAt = 0;

function copying(label, text) {
  const node = button('quiet small-button', 'Copy ' + label, icon('copy'), el('span', '', 'Copy'));
  node.addEventListener('click', () => copyFrom(node, text));
  return node;
}

const shown = (text, className, most) => (text === null || text === undefined ? el('span', 'note', 'unknown') : foreign(text, className, most));

function showNode(node) {
  const fingerprint = el('p', 'fingerprint mono', ...node.fingerprint.split(' ').map((group) => el('span', '', group)));
  fingerprint.setAttribute('aria-label', 'Fingerprint ' + node.fingerprint);
  fingerprint.setAttribute('role', 'img');
  $('identity').replaceChildren(
    ...field('Fingerprint', fingerprint),
    ...field('Node id', el('span', 'mono id', node.nodeId, ' ')),
    ...field('', copying('the node id', node.nodeId)),
    ...field('Key', el('span', '', shown(node.keyAlgorithm, '', 60), node.keyMadeAt ? ', made ' : '', node.keyMadeAt ? moment(node.keyMadeAt) : null)),
    ...field('Listening', node.listening === null ? el('span', 'neg', 'nowhere: no peer can reach it') : shown(node.listening, 'mono', 100)),
    ...field('Reached at', node.addresses.length ? el('ul', 'plain-list', ...node.addresses.map((address) => el('li', '', foreign(address, 'mono', 100)))) : el('span', 'note', 'no address of its own is known')),
    ...(node.certificateSha256 ? field('Certificate of this page', foreign(node.certificateSha256, 'mono id', 100)) : []));
  $('program').replaceChildren(
    ...field('Version', shown(node.version, 'mono', 60)),
    ...field('Up', lasting(node.startedAt, 'for')),
    ...field('Signatures checked by', shown(node.cryptoProvider, '', 80)),
    ...field('Java', shown(node.java, '', 80)),
    ...field('System', shown(node.system, '', 80)),
    ...field('Data directory', shown(node.dataDirectory, 'mono', 400)),
    ...field('Database', el('span', '', size(node.databaseBytes), el('span', 'note', ', schema ' + number(node.schema)))),
    ...field('Free on that disk', node.freeBytes === null ? el('span', 'note', 'unknown') : size(node.freeBytes)));
  if (node.listening !== null || node.addresses.length) {
    const image = $('qr-image');
    if (!image.getAttribute('src')) {
      image.addEventListener('load', () => { $('qr').hidden = false; });
      image.src = '/api/v1/node/qr.svg';
    }
  }
}

// Configuration

const said = (value) => (typeof value === 'string' ? value : JSON.stringify(value));

function showConfig() {
  const words = $('config-filter').value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const fitting = settings.filter((setting) => (!$('config-changed').checked || setting.source !== 'default')
    && words.every((word) => (setting.path + ' ' + said(setting.value)).toLowerCase().includes(word)));
  $('config-rows').replaceChildren(...fitting.map((setting) => {
    const value = said(setting.value);
    const source = cell('', '', el('span', 'source ' + setting.source.replace(' ', '-'), SOURCES[setting.source] || visible(setting.source)));
    if (setting.where) source.append(foreign(setting.where, 'second mono', 200));
    return el('tr', setting.source === 'default' ? '' : 'changed',
      cell('', '', foreign(setting.path, 'mono', 200)),
      cell('', '', setting.masked ? el('span', 'note', 'left out: ') : null, value === '' ? el('span', 'note', 'empty') : foreign(value, 'mono', 600)),
      source);
  }));
  const changed = settings.filter((setting) => setting.source !== 'default').length;
  put('config-note', settings.length ? `${number(settings.length)} settings, ${number(changed)} not as they come` + (fitting.length < settings.length ? `; ${number(fitting.length)} shown` : '') : '\u00a0');
}

// Log

function showLog(answer) {
  const box = $('log');
  const least = LEVELS.indexOf($('log-level').value);
  const key = JSON.stringify([answer.lines, least]);
  put('log-note', answer.file === null ? 'This node writes no file.' : visible(answer.file) + (answer.more ? `, its last ${number(answer.lines.length)} lines` : ''));
  if (key === shownLog) return;
  shownLog = key;
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  const fitting = answer.lines.filter((line) => least < 0 || LEVELS.indexOf(line.level) >= least);
  box.replaceChildren(...(fitting.length ? fitting.map((line) => {
    const row = el('div', 'line ' + (LEVELS.includes(line.level) ? line.level.toLowerCase() : ''));
    row.textContent = visible(line.text);
    return row;
  }) : [el('div', 'line note', 'No lines of that level among the last ones.')]));
  if (atEnd || !box.dataset.shown) box.scrollTop = box.scrollHeight;
  box.dataset.shown = '1';
}

const readLog = series(async () => {
  readAt = Date.now();
  lines = await read('/api/v1/node/log?lines=' + LINES);
  showLog(lines);
});

function locked(name, error) {
  const why = error === undefined
    ? (whoAmI().csrf ? 'It needs the role admin; yours is ' + whoAmI().role + '.' : 'It needs a token with the role admin.')
    : told(error);
  $(name + '-locked').hidden = false;
  put(name + '-why', why);
  for (const part of document.querySelectorAll(`#${name}, #${name}-scroll, [aria-labelledby="${name}-title"] .tools`)) part.hidden = true;
}

async function refresh() {
  try {
    showNode(await read('/api/v1/node'));
  } catch (e) {
    if (!(e instanceof Problem)) throw e;
    $('identity').replaceChildren(...field('Identity', el('span', 'neg', told(e))));
  }
  if (!mayOrder()) {
    locked('config');
    locked('log');
    return;
  }
  try {
    settings = (await read('/api/v1/node/config')).settings;
    showConfig();
  } catch (e) {
    if (!(e instanceof Problem)) throw e;
    locked('config', e);
  }
  try {
    await readLog();
  } catch (e) {
    if (!(e instanceof Problem)) throw e;
    locked('log', e);
  }
}

const following = () => $('log-follow').getAttribute('aria-pressed') === 'true';
$('log-follow').addEventListener('click', () => {
  const then = !following();
  $('log-follow').setAttribute('aria-pressed', String(then));
  put($('log-follow').querySelector('span'), then ? 'Pause' : 'Follow');
  $('log-follow').querySelector('use').setAttribute('href', then ? '#i-pause' : '#i-play');
  if (then) readLog().catch(() => {});
});
$('log-level').addEventListener('change', () => lines.lines && showLog(lines));
$('config-filter').addEventListener('input', showConfig);
$('config-changed').addEventListener('change', showConfig);
setInterval(() => {
  const selecting = String(getSelection()) && $('log').contains(getSelection().anchorNode);
  if (document.hidden || !isLive() || !mayOrder() || !following() || selecting || $('log').hidden || Date.now() - readAt < LOG_MS) return;
  readLog().catch(() => {});
}, 1000);

start({
  begin() {
    for (const way of document.querySelectorAll('.to-login')) way.href = loginPath(false);
  },
  refresh,
});
