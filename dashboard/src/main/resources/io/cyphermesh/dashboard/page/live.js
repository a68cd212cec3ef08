// The live feed. It comes back by itself with the number of the last event that it had, so that
// none is lost and none comes twice; a page that nobody sees gives its connection back.
import { call } from './api.js';

const SILENCE_MS = 40000;
const UNSEEN_MS = 60000;
const FORGET_MS = 600000; // who was away for longer reads anew, instead of all that there was

export const feed = { state: 'connecting', last: null };

let wake = null;
let current = null;
let unseen = 0;
let hiddenAt = 0;

/**
 * Follows the feed for good.
 *
 * take: called with each name and its data.
 * opened: called when it is there, before what it brings; reads what the feed does not tell again.
 * show: called with each state and its word.
 */
export async function follow({ take, opened, show }) {
  const state = (name, text) => {
    feed.state = name;
    show(name, text);
  };
  addEventListener('online', () => wake && wake());
  document.addEventListener('visibilitychange', () => {
    clearTimeout(unseen);
    if (document.hidden) {
      hiddenAt = Date.now();
      unseen = setTimeout(() => current && current.abort(), UNSEEN_MS);
    } else {
      if (hiddenAt && Date.now() - hiddenAt > FORGET_MS) feed.last = null;
      if (wake) wake();
    }
  });
  let wait = 500;
  for (;;) {
    const began = Date.now();
    try {
      await listen(take, opened, state);
    } catch {
      // Told by the state; the reason is either the node's going or the network's.
    }
    if (Date.now() - began > 10000) wait = 500;
    state('down', document.hidden ? 'Asleep' : 'Reconnecting');
    const delay = wait * (0.75 + Math.random() / 2);
    await new Promise((resolve) => {
      wake = resolve;
      if (!document.hidden) setTimeout(resolve, delay);
    });
    wake = null;
    wait = Math.min(wait * 2, 15000);
  }
}

async function listen(take, opened, state) {
  current = new AbortController();
  const abort = current;
  let silence = setTimeout(() => abort.abort(), SILENCE_MS);
  try {
    const headers = { Accept: 'text/event-stream' };
    if (feed.last !== null) headers['Last-Event-ID'] = String(feed.last);
    const response = await call('/api/v1/live', { headers, signal: abort.signal, cache: 'no-store' });
    // Listening first and reading second: what happens in between comes twice, not never.
    await opened();
    state('live', 'Live');
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      clearTimeout(silence);
      silence = setTimeout(() => abort.abort(), SILENCE_MS);
      rest += value;
      let end;
      while ((end = rest.indexOf('\n\n')) >= 0) {
        frame(rest.slice(0, end), take);
        rest = rest.slice(end + 2);
      }
    }
  } finally {
    clearTimeout(silence);
    abort.abort();
  }
}

function frame(text, take) {
  let name = '', data = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('event: ')) name = line.slice(7);
    else if (line.startsWith('data: ')) data += line.slice(6);
    else if (line.startsWith('id: ')) feed.last = Number(line.slice(4));
  }
  if (name === 'missed') feed.last = null;
  if (name) take(name, data);
}
