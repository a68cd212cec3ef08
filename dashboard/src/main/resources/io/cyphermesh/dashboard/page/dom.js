// Whatever a node shows may have been written by anybody on the mesh. Text therefore reaches a
// page by textContent only, and never as markup.

export const $ = (id) => document.getElementById(id);

const NS = 'http://www.w3.org/2000/svg';
const ODD = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\udb40[\udc00-\udc7f]/g;

/** Characters that hide, or turn the text around them, are shown by their number. */
export const visible = (text) => String(text).replace(ODD, (c) => '⟨U+' + c.codePointAt(0).toString(16).toUpperCase().padStart(4, '0') + '⟩');

export function el(name, className, ...children) {
  const node = document.createElement(name);
  if (className) node.className = className;
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** An SVG element. */
export function draw(name, attributes, ...children) {
  const node = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** A sign of the sprite. */
export const icon = (name) => draw('svg', { class: 'icon', 'aria-hidden': 'true', focusable: 'false' }, draw('use', { href: '#i-' + name }));

/** Foreign text, set apart so that its direction stays its own. */
export function foreign(text, className, most = 400) {
  const whole = visible(text);
  const node = el('bdi', className);
  node.textContent = whole.length > most ? whole.slice(0, most) + '…' : whole;
  return node;
}

export function link(href, className, ...children) {
  const node = el('a', className, ...children);
  node.href = href;
  return node;
}

export function button(className, label, ...children) {
  const node = el('button', className, ...children);
  node.type = 'button';
  if (label) node.setAttribute('aria-label', label);
  return node;
}

/** A table cell; its label is shown where the table has become cards. */
export function cell(label, className, ...children) {
  const td = el('td', className, ...children);
  if (label) td.dataset.label = label;
  return td;
}

/** Sets a text where it differs: what is selected stays so. */
export function put(id, text) {
  const node = typeof id === 'string' ? $(id) : id;
  if (node.textContent !== text) node.textContent = text;
}

const TOGETHER_MS = 2000;
let announced = '';
let announcedAt = 0;

/**
 * A page that is read aloud hears the same text again only where it changed; and what comes at once with something else
 * does not take its place before it was heard.
 */
export function announce(text) {
  const now = Date.now();
  announced = now - announcedAt < TOGETHER_MS ? `${announced} ${visible(text)}` : visible(text);
  announcedAt = now;
  $('announce').textContent = '';
  requestAnimationFrame(() => { $('announce').textContent = announced; });
}

/** Draws rows anew, in place: cells that stay the same stay, with what is selected or hovered there. */
export function patch(body, before, entries, make) {
  const then = new Map();
  entries.forEach(([key, value], i) => {
    const fresh = make(value);
    let row = before.get(key);
    if (row) {
      row.className = fresh.className;
      [...fresh.children].forEach((part, n) => {
        if (!row.children[n]) row.append(part);
        else if (!row.children[n].isEqualNode(part)) row.children[n].replaceWith(part);
      });
    } else {
      row = fresh;
    }
    then.set(key, row);
    if (body.children[i] !== row) body.insertBefore(row, body.children[i] || null);
  });
  while (body.children.length > entries.length) body.lastElementChild.remove();
  return then;
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without TLS a browser offers no clipboard beyond loopback: the old way still works.
    const area = el('textarea', 'hidden');
    area.value = text;
    (document.querySelector('dialog[open]') || document.body).append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

export async function copyFrom(button, text) {
  const label = button.querySelector('span') || button;
  const before = label.textContent;
  label.textContent = (await copy(text)) ? 'Copied' : 'Copying is blocked';
  setTimeout(() => { label.textContent = before; }, 1400);
}
