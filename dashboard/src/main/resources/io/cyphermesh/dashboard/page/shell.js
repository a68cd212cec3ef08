// What every page has around it: the navigation, who asks, the live state, the colours.
import { $, announce, copyFrom, put, visible } from './dom.js';
import { clockIs, now, number, short, tick, uptime } from './format.js';
import { loginPath, read, readSession, whoAmI } from './api.js';
import { feed, follow } from './live.js';

const THEME = 'cyphermesh-theme';
const SESSION_MS = 60000;
let status = null;
let askedAt = 0; // who asks
let parts = {};

function kept(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** What this browser keeps of the dashboard; null where it keeps nothing. */
export const remembered = kept;
export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // It works without.
  }
}

function themes() {
  const chosen = kept(THEME);
  for (const input of document.querySelectorAll('#themes input')) {
    input.checked = input.value === (chosen === 'light' || chosen === 'dark' ? chosen : 'system');
    input.addEventListener('change', () => {
      if (input.value === 'system') delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = input.value;
      remember(THEME, input.value);
      dispatchEvent(new Event('themechange'));
    });
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => dispatchEvent(new Event('themechange')));
}

function menu() {
  const toggle = (open) => {
    document.body.classList.toggle('menu-open', open);
    $('menu').setAttribute('aria-expanded', String(open));
  };
  $('menu').addEventListener('click', () => toggle(!document.body.classList.contains('menu-open')));
  document.addEventListener('keydown', (key) => {
    if (key.key === 'Escape' && document.body.classList.contains('menu-open')) {
      toggle(false);
      $('menu').focus();
    }
  });
}

// Single letters go to pages, where nobody writes: g and then the page's own letter.
const WAYS = { o: '/', e: '/events', i: '/indicators', p: '/peers', l: '/plugins', n: '/node', a: '/api' };
function keys() {
  let going = 0;
  document.addEventListener('keydown', (key) => {
    if (key.ctrlKey || key.metaKey || key.altKey || document.querySelector('dialog[open]') || key.target.closest('input, select, textarea')) return;
    if (key.key === '/') {
      const search = document.querySelector('main input[type="search"]');
      if (search) {
        key.preventDefault();
        search.focus();
      }
    } else if (key.key === 'g') {
      going = Date.now();
    } else if (Date.now() - going < 1500 && WAYS[key.key]) {
      location.assign(WAYS[key.key]);
    } else {
      going = 0;
    }
  });
}

function showSession() {
  const session = whoAmI();
  const known = Boolean(session.csrf);
  put($('login-link').querySelector('span'), known ? 'Logged in as ' + session.name : 'Log in');
  $('login-link').title = known ? 'With the role ' + session.role + '; log out there' : 'To do more than read';
  $('login-link').href = loginPath(false);
  for (const way of document.querySelectorAll('.to-login')) way.href = loginPath(false);
}

/** A token may be revoked, and somebody may log in or out on another page of this browser. */
async function askAgain() {
  const before = JSON.stringify(whoAmI());
  askedAt = Date.now();
  if (JSON.stringify(await readSession()) === before) return;
  showSession();
  if (parts.begin) parts.begin();
  if (parts.refresh) await parts.refresh();
}

function showStatus(fresh) {
  const before = status;
  status = fresh;
  clockIs(fresh.now);
  put('self-id', short(fresh.nodeId));
  put('self-version', visible(fresh.version));
  const warning = fresh.warning !== null ? fresh.warning : fresh.listening === null ? 'The node cannot listen: no peer can reach it. The log says why.' : null;
  $('warning').hidden = warning === null;
  put('warning', warning === null ? '' : visible(warning));
  badge('count-peers', fresh.peersConnected);
  if (before && before.peersConnected !== fresh.peersConnected) announce(`${fresh.peersConnected} peers connected`);
  showUptime();
  if (parts.status) parts.status(fresh, before);
}

function badge(id, n) {
  $(id).hidden = n === 0;
  put(id, number(n));
}

function showUptime() {
  if (status) put('self-up', uptime(Math.max(0, (now() - Date.parse(status.startedAt)) / 1000)));
}

function showLive(state, text) {
  if ($('live').dataset.state === state && $('live-text').textContent === text) return;
  $('live').dataset.state = state;
  $('live-text').textContent = text;
  if (parts.state) parts.state(state);
}

function take(name, data) {
  switch (name) {
    case 'event': if (parts.event) parts.event(JSON.parse(data)); break;
    case 'status': showStatus(JSON.parse(data)); break;
    case 'peers': if (parts.peers) parts.peers(); break;
    case 'plugins': if (parts.plugins) parts.plugins(); break;
    default: // a newer node may say more
  }
}

/**
 * Runs the page.
 *
 * begin: when it is known who asks, and again when that changes.
 * refresh: reads everything that the page shows, each time the feed has come back.
 * event, status, peers, plugins, state: what the feed tells.
 * tick: every 5 s.
 */
export async function start(page) {
  parts = page;
  themes();
  menu();
  keys();
  $('self-id').addEventListener('click', () => status && copyFrom($('self-id'), status.nodeId));
  setInterval(() => {
    tick();
    showUptime();
    if (page.tick) page.tick();
    if (!document.hidden && isLive() && Date.now() - askedAt > SESSION_MS) askAgain().catch(() => {});
  }, 5000);
  for (;;) {
    try {
      askedAt = Date.now();
      await readSession();
      break;
    } catch {
      showLive('down', 'Reconnecting');
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
  showSession();
  if (page.begin) page.begin();
  follow({
    take,
    show: showLive,
    again: askAgain,
    opened: async () => {
      showStatus(await read('/api/v1/status'));
      if (page.refresh) await page.refresh();
    },
  });
}

export const isLive = () => feed.state === 'live';
