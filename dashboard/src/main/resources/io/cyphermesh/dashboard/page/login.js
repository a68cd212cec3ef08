const $ = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);

// Where to go then: a place on this node, or the page that an attacker's link names is opened.
function target() {
  const next = query.get('next') || '/';
  const url = new URL(next, location.origin);
  return url.origin === location.origin && /^\/(?![/\\])/.test(next) ? url.pathname + url.search + url.hash : '/';
}

async function reason(response) {
  try {
    const problem = await response.json();
    const wait = response.headers.get('Retry-After');
    return (problem.detail || problem.title) + (wait ? ` ${wait} s` : '');
  } catch {
    return 'the node answered with error ' + response.status;
  }
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + '.';

function show(session) {
  const known = session.name !== null;
  $('login').hidden = known;
  $('in').hidden = !known;
  $('free').hidden = known || session.role === null;
  $('ended').hidden = known || !query.has('ended');
  if (known) {
    $('who').textContent = session.name;
    $('role').textContent = session.role;
    $('go').href = target();
  }
}

$('reveal').addEventListener('click', () => {
  const shown = $('token').type === 'text';
  $('token').type = shown ? 'password' : 'text';
  $('reveal').textContent = shown ? 'Show' : 'Hide';
  $('reveal').setAttribute('aria-pressed', String(!shown));
  $('token').focus();
});

$('login').addEventListener('submit', async (submit) => {
  submit.preventDefault();
  $('outcome').textContent = '';
  $('submit').disabled = true;
  try {
    const response = await fetch('/api/v1/login', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token: $('token').value.trim() }),
    });
    if (!response.ok) throw new Error(await reason(response));
    $('token').value = '';
    location.assign(target());
  } catch (e) {
    $('outcome').textContent = e instanceof TypeError ? 'The node does not answer.' : sentence(e.message);
    $('token').select();
    $('token').focus();
  } finally {
    $('submit').disabled = false;
  }
});

$('logout').addEventListener('click', async () => {
  try {
    const response = await fetch('/api/v1/logout', { method: 'POST' });
    query.delete('ended');
    show(await response.json());
    $('token').focus();
  } catch {
    $('outcome').textContent = 'The node does not answer.';
  }
});

fetch('/api/v1/session', { cache: 'no-store' }).then((response) => response.json()).then(show, () => {});
