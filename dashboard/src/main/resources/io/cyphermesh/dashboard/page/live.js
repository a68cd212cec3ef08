// The live feed. What comes while the page does not listen is not told again: once it listens, it reads anew what it shows.
import { frames, patience } from './stream.js';

const UNSEEN_MS = 3000; // a page that nobody sees gives its place back

export const feed = { state: 'connecting' };

let wake = null;
let current = null;
let left = false; // for another page, and kept by the browser
let shared = typeof SharedWorker === 'function';

const isAway = () => document.hidden || left;

function seen() {
  let unseen = 0;
  const stop = () => current && current.abort();
  const look = () => {
    clearTimeout(unseen);
    if (left) stop();
    else if (document.hidden) unseen = setTimeout(stop, UNSEEN_MS);
    else if (wake) wake();
  };
  document.addEventListener('visibilitychange', look);
  addEventListener('online', look);
  addEventListener('pagehide', () => {
    left = true;
    look();
  });
  addEventListener('pageshow', () => {
    left = false;
    look();
  });
}

/**
 * Follows the feed for good.
 *
 * take: called with each name and its data.
 * opened: called when it is there, before what it brings.
 * again: called before each try but the first.
 * show: called with each state and its word.
 */
export async function follow({ take, opened, again, show }) {
  const state = (name, text) => {
    feed.state = name;
    show(name, text);
  };
  seen();
  let wait = 500;
  for (let first = true; ; first = false) {
    const began = Date.now();
    if (!isAway()) {
      try {
        if (!first) await again();
        await listen(take, opened, state);
      } catch {
        // Told by the state; the reason is either the node's going or the network's.
      }
    }
    if (isAway() || Date.now() - began > 10000) wait = 500;
    state('down', isAway() ? 'Asleep' : 'Reconnecting');
    const delay = wait * (0.75 + Math.random() / 2);
    await new Promise((resolve) => {
      wake = resolve;
      if (!isAway()) setTimeout(resolve, delay);
    });
    wake = null;
    wait = Math.min(wait * 2, 15000);
  }
}

async function listen(take, opened, state) {
  const abort = new AbortController();
  current = abort;
  for await (const frame of shared ? framesOfAll(abort) : frames(abort)) {
    if (frame === null) {
      // Listening first and reading second: what happens in between comes twice, not never.
      await opened();
      if (!abort.signal.aborted) state('live', 'Live');
    } else if (frame.name) {
      take(frame.name, frame.data);
    }
  }
}

/** The same by the worker; where the browser does not run it, each page has a stream of its own from then on. */
async function* framesOfAll(abort) {
  const waiting = [];
  let more = null;
  const put = (message) => {
    waiting.push(message);
    if (more) more();
  };
  const alone = () => {
    shared = false;
    put({ ended: true });
  };
  let worker;
  try {
    worker = new SharedWorker(new URL('live-worker.js', import.meta.url), { type: 'module' });
  } catch {
    alone();
    return;
  }
  const silence = patience(abort);
  worker.addEventListener('error', alone);
  abort.signal.addEventListener('abort', () => {
    // At once, whatever the page is still reading: it may be about to go.
    worker.port.postMessage('leave');
    worker.port.close();
    put({ ended: true });
  });
  worker.port.onmessage = ({ data }) => {
    silence.more();
    put(data);
  };
  try {
    for (;;) {
      while (waiting.length === 0) {
        await new Promise((resolve) => { more = resolve; });
      }
      const message = waiting.shift();
      if (message.ended || abort.signal.aborted) return;
      yield message.frame;
    }
  } finally {
    silence.stop();
    abort.abort();
  }
}
