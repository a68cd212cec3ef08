// The node's live stream, read frame by frame: by the worker that all pages share, or by a page alone.

const SILENCE_MS = 40000; // the node is heard of more often, if only by a comment

/** Ends what `abort` ends where nothing more comes for too long. */
export function patience(abort) {
  let timer = 0;
  const stop = () => clearTimeout(timer);
  const more = () => {
    stop();
    timer = setTimeout(() => abort.abort(), SILENCE_MS);
  };
  more();
  return { more, stop };
}

function frame(text) {
  let name = '', data = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('event: ')) name = line.slice(7);
    else if (line.startsWith('data: ')) data += line.slice(6);
  }
  return { name, data };
}

/** First that it is there, by null; then each frame, one without a name where the node only says that it still is. */
export async function* frames(abort) {
  const silence = patience(abort);
  try {
    const response = await fetch('/api/v1/live', { headers: { Accept: 'text/event-stream' }, signal: abort.signal, cache: 'no-store' });
    if (!response.ok) return;
    yield null;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      silence.more();
      rest += value;
      let end;
      while ((end = rest.indexOf('\n\n')) >= 0) {
        yield frame(rest.slice(0, end));
        rest = rest.slice(end + 2);
      }
    }
  } finally {
    silence.stop();
    abort.abort();
  }
}
