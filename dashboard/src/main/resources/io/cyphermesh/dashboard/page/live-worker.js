// One stream for all pages of a browser, which opens six connections to a host and no more: each page that listens has a
// port here. The stream lasts while there is one; where it ends, it ends for all, and they come again.
import { frames } from './stream.js';

const ports = new Set();
let line = null;

addEventListener('connect', ({ ports: [port] }) => {
  // All that a page ever says is that it leaves.
  port.onmessage = () => {
    port.close();
    ports.delete(port);
    if (ports.size === 0 && line) {
      line.abort.abort();
      line = null;
    }
  };
  ports.add(port);
  if (!line) dial();
  else if (line.open) port.postMessage({ frame: null });
});

async function dial() {
  const mine = { abort: new AbortController(), open: false };
  line = mine;
  try {
    for await (const frame of frames(mine.abort)) {
      if (mine !== line) return;
      mine.open = true;
      for (const port of ports) port.postMessage({ frame });
    }
  } catch {
    // The pages are told that it has ended, and no more: why, they see where they ask for something else.
  }
  if (mine !== line) return;
  line = null;
  for (const port of ports) port.postMessage({ ended: true });
  ports.clear();
}
