// Draws the node's own OpenAPI document.
import { $, button, copyFrom, el, icon, link, put, visible } from './dom.js';
import { number } from './format.js';
import { call, loginPath, Problem, read, told, whoAmI } from './api.js';
import { start } from './shell.js';

const GROUPS = [
  ['Events', /^\/api\/v1\/(events|import|verify|live)/],
  ['Indicators and statistics', /^\/api\/v1\/(indicators|stats)/],
  ['Peers', /^\/api\/v1\/peers/],
  ['Plugins', /^\/api\/v1\/plugins/],
  ['Node', /^\/api\/v1\/(status|node|openapi)/],
  ['Access', /^\/api\/v1\/(session|login|logout|tokens|audit)/],
  ['Probes', /^\/(metrics|health|ready)/],
  ['Others', /./],
];
const MOST_SHOWN = 20000;
const DEEP = 4;

let description = null;

const idOf = (method, path) => (method + path).replace(/[^A-Za-z0-9]+/g, '-').replace(/-$/, '');

function named(reference) {
  const name = reference.split('/').pop();
  return [name, description.components.schemas[name]];
}

function type(schema) {
  if (!schema) return '';
  if (schema.$ref) return schema.$ref.split('/').pop();
  if (schema.enum) return schema.enum.map((each) => (each === null ? 'null' : String(each))).join(' | ');
  if (schema.type === 'array') return type(schema.items) + '[]';
  const word = Array.isArray(schema.type) ? schema.type.join(' | ') : schema.type || 'any';
  return word + (schema.format ? ` (${schema.format})` : '');
}

function limits(schema) {
  const parts = [];
  if (schema.minimum !== undefined) parts.push('≥ ' + number(schema.minimum));
  if (schema.maximum !== undefined) parts.push('≤ ' + number(schema.maximum));
  if (schema.maxLength !== undefined) parts.push('at most ' + number(schema.maxLength) + ' characters');
  if (schema.default !== undefined) parts.push('default ' + schema.default);
  return parts.join(', ');
}

// The properties of a schema, those of its parts within them.
function tree(schema, depth, above) {
  let of = schema;
  let name = null;
  if (of && of.$ref) [name, of] = named(of.$ref);
  if (of && of.type === 'array') return tree(of.items, depth, above);
  if (!of || !of.properties || depth > DEEP || (name && above.includes(name))) return null;
  const required = new Set(of.required || []);
  return el('ul', 'schema', ...Object.entries(of.properties).map(([key, value]) => {
    const inner = tree(value, depth + 1, name ? [...above, name] : above);
    const head = [el('code', '', key), el('span', 'type', type(value)), required.has(key) ? el('span', 'required', 'required') : null, value.description ? el('span', 'note', value.description) : null];
    if (!inner) return el('li', '', ...head);
    const fold = el('details', '', el('summary', '', ...head), inner);
    if (depth === 0) fold.open = false;
    return el('li', 'nested', fold);
  }));
}

function media(content, whole = true) {
  return Object.entries(content || {}).map(([kind, { schema }]) => {
    const parts = [el('p', 'media', el('code', '', kind), schema ? el('span', 'type', type(schema)) : null)];
    const inner = schema && whole ? tree(schema, 0, []) : null;
    if (inner) parts.push(inner);
    return el('div', '', ...parts);
  });
}

function role(operation) {
  const security = operation.security || [];
  const open = security.some((each) => Object.keys(each).length === 0);
  const token = security.find((each) => each.token);
  return token ? `${open ? 'open on loopback, else ' : ''}${token.token[0]}` : 'open';
}

function curl(method, path, operation) {
  const parts = ['curl'];
  if (method !== 'get') parts.push('-X ' + method.toUpperCase());
  if (operation.security && operation.security.some((each) => each.token)) parts.push('-H "Authorization: Bearer $TOKEN"');
  if (operation.requestBody) parts.push("-H 'Content-Type: application/json' -d @body.json");
  return parts.join(' ') + ' ' + location.origin + path;
}

// Reading can be tried at once; what changes something has its place on its page.
function trial(path, operation) {
  const form = el('form', 'trial');
  const inputs = (operation.parameters || []).filter((each) => each.in !== 'header').map((each) => {
    const input = el('input', 'mono');
    input.id = idOf('try', path) + '-' + each.name;
    input.name = each.name;
    input.required = each.in === 'path';
    input.autocomplete = 'off';
    const label = el('label', '', each.name);
    label.htmlFor = input.id;
    return { each, input, field: el('div', 'field', label, input) };
  });
  const submit = el('button', '', 'Try it');
  submit.type = 'submit';
  const state = el('p', 'note');
  state.setAttribute('role', 'status');
  const answer = el('pre', 'mono wrap');
  answer.hidden = true;
  answer.tabIndex = 0;
  form.append(el('div', 'trial-fields', ...inputs.map(({ field }) => field)), el('p', 'actions', submit, state), answer);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    let way = path;
    const query = new URLSearchParams();
    for (const { each, input } of inputs) {
      const value = input.value.trim();
      if (each.in === 'path') way = way.replace(`{${each.name}}`, encodeURIComponent(value));
      else if (value) query.set(each.name, value);
    }
    submit.disabled = true;
    const began = performance.now();
    try {
      const response = await call(way + (String(query) ? '?' + query : ''));
      const text = await response.text();
      let whole = text;
      try {
        whole = JSON.stringify(JSON.parse(text), null, 2);
      } catch {
        // Not JSON: as it came.
      }
      state.textContent = `${response.status}, ${number(text.length)} characters, ${(performance.now() - began).toFixed(0)} ms`;
      answer.textContent = visible(whole.length > MOST_SHOWN ? whole.slice(0, MOST_SHOWN) + '\n…' : whole);
      answer.hidden = false;
    } catch (e) {
      state.textContent = e instanceof Problem ? `${e.status}: ${told(e)}` : told(e);
      answer.hidden = true;
    } finally {
      submit.disabled = false;
    }
  });
  return form;
}

const mayTry = (path, operation) => {
  const token = (operation.security || []).find((each) => each.token);
  const { role: mine } = whoAmI();
  const roles = ['read', 'report', 'admin'];
  return !/live$|\.ndjson$|\.csv$|qr\.svg$/.test(path) && (!token || roles.indexOf(mine) >= roles.indexOf(token.token[0]));
};

function operation(method, path, what) {
  const head = el('summary', '', el('span', 'method ' + method, method.toUpperCase()), el('code', 'path', path), el('span', 'summary-text', what.summary), el('span', 'role', role(what)));
  const body = el('div', 'operation-body', el('p', '', what.summary + '.'));
  if (what.parameters) {
    body.append(el('h4', '', 'Parameters'), el('ul', 'schema', ...what.parameters.map((each) => el('li', '',
      el('code', '', each.name), el('span', 'type', `${type(each.schema)}, in the ${each.in}`), each.required ? el('span', 'required', 'required') : null, el('span', 'note', [each.description, limits(each.schema)].filter(Boolean).join('; '))))));
  }
  if (what.requestBody) body.append(el('h4', '', 'Body'), ...media(what.requestBody.content));
  body.append(el('h4', '', 'Answers'), el('ul', 'answers', ...Object.entries(what.responses).map(([status, answer]) => el('li', '', el('p', '', el('code', '', status === 'default' ? 'errors' : status), ' ', answer.description), ...media(answer.content, status !== 'default')))));
  const line = curl(method, path, what);
  const copying = button('quiet small-button', 'Copy the command', icon('copy'), el('span', '', 'Copy'));
  copying.addEventListener('click', () => copyFrom(copying, line));
  const command = el('pre', 'mono wrap');
  command.textContent = line;
  command.tabIndex = 0;
  body.append(el('h4', '', 'By hand'), el('div', 'by-hand', command, copying));
  if (method === 'get') {
    if (mayTry(path, what)) body.append(el('h4', '', 'Here and now'), trial(path, what));
    else if (!/live$|\.ndjson$|\.csv$|qr\.svg$/.test(path)) body.append(el('p', 'note', `To try it here, it needs the role ${role(what)}. `, link(loginPath(false), '', 'Log in')));
  }
  const node = el('details', 'operation panel', head, body);
  node.id = idOf(method, path);
  return node;
}

function show() {
  const groups = new Map(GROUPS.map(([name]) => [name, []]));
  for (const [path, methods] of Object.entries(description.paths)) {
    const [group] = GROUPS.find(([, pattern]) => pattern.test(path));
    for (const [method, what] of Object.entries(methods)) if (method !== 'head') groups.get(group).push([method, path, what]);
  }
  const index = [], body = [];
  for (const [name, all] of groups) {
    if (!all.length) continue;
    all.sort((a, b) => (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0));
    index.push(el('h3', '', name), el('ul', '', ...all.map(([method, path]) => el('li', '', link('#' + idOf(method, path), '', el('span', 'method ' + method, method.toUpperCase()), el('code', '', path.replace('/api/v1', '')))))));
    body.push(el('section', '', el('h2', 'group', name), ...all.map((each) => operation(...each))));
  }
  $('docs-index').replaceChildren(...index);
  $('docs').replaceChildren(...body);
  $('docs').setAttribute('aria-busy', 'false');
  put('docs-description', description.info.description + ' Version ' + description.info.version + '.');
  reveal();
}

function reveal() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (target && target.classList.contains('operation')) {
    target.open = true;
    target.scrollIntoView({ block: 'start' });
  }
}

function narrow() {
  const words = $('docs-filter').value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (text) => words.every((word) => text.toLowerCase().includes(word));
  for (const item of $('docs-index').querySelectorAll('li')) item.hidden = !fits(item.textContent);
  for (const node of $('docs').querySelectorAll('.operation')) node.hidden = !fits(node.querySelector('summary').textContent);
  for (const section of $('docs').querySelectorAll('section')) section.hidden = !section.querySelector('.operation:not([hidden])');
}

$('docs-filter').addEventListener('input', narrow);
addEventListener('hashchange', reveal);
start({
  async refresh() {
    if (description) return;
    try {
      description = await read('/api/v1/openapi.json');
      show();
    } catch (e) {
      if (!(e instanceof Problem)) throw e;
      $('docs-failed').hidden = false;
      put('docs-failed-why', told(e));
    }
  },
});
