// Asks the node. What it refuses becomes a Problem with the words of its problem document; who is
// not known any more is led to the login.

export class Problem extends Error {
  constructor(detail, status, field) {
    super(detail);
    this.status = status;
    this.field = field;
  }
}

let session = { name: null, role: null, csrf: null };

/** Who asks; null where nobody is logged in. */
export const whoAmI = () => session;
export const mayReport = () => Boolean(session.csrf) && ['report', 'admin'].includes(session.role);
export const mayOrder = () => Boolean(session.csrf) && session.role === 'admin';

/** Where to log in, and come back from. */
export const loginPath = (ended) => '/login?next=' + encodeURIComponent(location.pathname + location.search) + (ended ? '&ended=1' : '');

function leave(before = session) {
  location.assign(loginPath(Boolean(before.csrf)));
  return new Promise(() => {}); // the page goes
}

export async function readSession() {
  const before = session;
  const response = await fetch('/api/v1/session', { cache: 'no-store' });
  if (response.ok) session = await response.json();
  if (session.role === null) await leave(before);
  return session;
}

async function problem(response) {
  let detail = 'the node answered with error ' + response.status, field;
  try {
    const document = await response.json();
    detail = document.detail || document.title || detail;
    field = document.field;
  } catch {
    // No problem document: something before the node answered.
  }
  return new Problem(detail, response.status, field);
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?…]$/.test(text) ? '' : '.');

/** What to tell of anything that went wrong. */
export function told(error) {
  if (error instanceof Problem) return sentence(error.message);
  if (error.name === 'TimeoutError') return 'The node takes too long to answer.';
  return error instanceof TypeError ? 'The node does not answer.' : error.message;
}

/** A request; the answer is any that is not an error. */
export async function call(path, options = {}) {
  const headers = new Headers(options.headers);
  if (session.csrf && options.method && options.method !== 'GET') headers.set('X-CSRF-Token', session.csrf);
  const response = await fetch(path, { cache: 'no-cache', credentials: 'same-origin', ...options, headers });
  if (response.status === 401) return leave();
  if (!response.ok) throw await problem(response);
  return response;
}

export const read = async (path, options) => (await call(path, options)).json();

export async function send(method, path, body, options = {}) {
  const response = await call(path, {
    ...options,
    method,
    ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  });
  return response.status === 204 ? null : response.json();
}

/** Runs one load after the other, of which at most one waits. */
export function series(load) {
  let running = null, again = false;
  return async () => {
    if (running) {
      again = true;
      return running;
    }
    running = (async () => {
      try {
        do {
          again = false;
          await load();
        } while (again);
      } finally {
        running = null;
      }
    })();
    return running;
  };
}
