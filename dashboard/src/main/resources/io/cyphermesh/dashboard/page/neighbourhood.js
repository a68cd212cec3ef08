// Draws this node and who is around it. Each peer keeps its place for as long as it is there, found
// by its id, so that nothing jumps when others come and go.
import { draw as make } from './dom.js';

const LINK_PLACES = 32; // the even ones first, which have room for a label
const RESERVE_PLACES = 40;
const SELF = 31; // radius
const DOT = 10;
const HEAD = 7; // length of an arrow's head
const WIDE = { width: 760, height: 352, inner: [205, 98], outer: [352, 156], label: 8 };
const NARROW = { width: 360, height: 372, inner: [98, 98], outer: [164, 164], label: 6 };

// FNV-1a: where a peer would like to stand.
function hash(text) {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

// Who has which place of a ring. Places are given in the order of the keys, the nearest free one
// to the wished one first, and are kept until their owner goes.
function ring(count, step) {
  const owners = new Map(); // key to place
  return (keys) => {
    const present = new Set(keys);
    for (const key of [...owners.keys()]) if (!present.has(key)) owners.delete(key);
    const taken = new Set(owners.values());
    for (const key of [...present].sort()) {
      if (owners.has(key)) continue;
      const place = free(hash(key), taken);
      if (place < 0) break;
      owners.set(key, place);
      taken.add(place);
    }
    return owners;
  };

  function free(wish, taken) {
    for (let offset = 0; offset < step; offset++) {
      const places = count / step;
      for (let i = 0; i < places; i++) {
        const aside = i % 2 ? (i + 1) / 2 : -i / 2;
        const place = ((((wish % places) + aside + places) % places) * step) + offset;
        if (!taken.has(place)) return place;
      }
    }
    return -1;
  }
}

const linkPlaces = ring(LINK_PLACES, 2);
const reservePlaces = ring(RESERVE_PLACES, 1);
const drawn = new Map(); // key to [what it was drawn from, its group]
let shape = null;
let layers = null;

function standing(peer) {
  const score = peer.link ? peer.link.score : 0;
  if (score < 0 || peer.reputation < 0) return 'bad';
  return score > 0 || peer.reputation > 0 ? 'good' : 'even';
}

// Tree links, announced-only ones, sync, v1: each is drawn in its way.
const kind = (peer) => (peer.role === 'active' ? (peer.link.tree ? 'tree' : 'announced') : peer.role);

function at(radii, place, places, scale = 1) {
  const angle = (place / places) * 2 * Math.PI - Math.PI / 2;
  return [shape.width / 2 + Math.cos(angle) * radii[0] * scale, shape.height / 2 + Math.sin(angle) * radii[1] * scale];
}

const round = (n) => n.toFixed(1);

function link(peer, place, label, title) {
  const labelled = place % 2 === 0;
  const [x, y] = at(shape.inner, place, LINK_PLACES, labelled ? 1 : 0.72);
  const cx = shape.width / 2, cy = shape.height / 2;
  const length = Math.hypot(x - cx, y - cy);
  const ux = (x - cx) / length, uy = (y - cy) / length;
  const outbound = peer.direction === 'outbound';
  const from = SELF + 3 + (outbound ? 0 : HEAD), to = length - DOT - 3 - (outbound ? HEAD : 0);
  const tip = outbound ? length - DOT - 3 : SELF + 3, base = outbound ? to : from;
  const group = make('g', { class: 'hood-link ' + kind(peer) + ' ' + standing(peer) });
  group.append(
    make('title', {}, title),
    make('line', { x1: round(cx + ux * from), y1: round(cy + uy * from), x2: round(cx + ux * to), y2: round(cy + uy * to) }),
    make('path', { class: 'head', d: `M${round(cx + ux * tip)} ${round(cy + uy * tip)}L${round(cx + ux * base - uy * 4)} ${round(cy + uy * base + ux * 4)}L${round(cx + ux * base + uy * 4)} ${round(cy + uy * base - ux * 4)}Z` }),
    make('circle', { cx: round(x), cy: round(y), r: DOT }),
    make('path', { class: 'sign', d: { good: `M${round(x - 4.5)} ${round(y)}h9m-4.5 -4.5v9`, bad: `M${round(x - 4.5)} ${round(y)}h9`, even: '' }[standing(peer)] }),
  );
  if (labelled) {
    const side = Math.abs(ux) < 0.35 ? 'middle' : ux > 0 ? 'start' : 'end';
    const lx = side === 'middle' ? x : x + Math.sign(ux) * (DOT + 5);
    const ly = side === 'middle' ? y + (uy > 0 ? DOT + 13 : -DOT - 6) : y + 4;
    group.append(make('text', { x: round(lx), y: round(ly), 'text-anchor': side }, label));
  }
  return group;
}

function dot(place, title) {
  const [x, y] = at(shape.outer, place, RESERVE_PLACES);
  // The ring around the dot is there to be hovered over.
  return make('g', { class: 'hood-reserve' }, make('title', {}, title), make('circle', { class: 'aim', cx: round(x), cy: round(y), r: 9 }), make('circle', { cx: round(x), cy: round(y), r: 4 }));
}

function begin(svg, narrow) {
  shape = narrow ? NARROW : WIDE;
  drawn.clear();
  svg.setAttribute('viewBox', `0 0 ${shape.width} ${shape.height}`);
  const cx = shape.width / 2, cy = shape.height / 2;
  layers = {
    reserve: make('g', {}),
    links: make('g', {}),
    more: make('text', { class: 'more', x: shape.width - 6, y: shape.height - 6, 'text-anchor': 'end' }),
  };
  svg.replaceChildren(
    make('ellipse', { class: 'orbit', cx, cy, rx: shape.outer[0], ry: shape.outer[1] }),
    layers.reserve,
    layers.links,
    make('g', { class: 'hood-self' }, make('circle', { cx, cy, r: SELF }), make('text', { x: cx, y: cy + 4, 'text-anchor': 'middle' }, 'this node')),
    layers.more,
  );
}

// Only what looks different is drawn anew, so that what is hovered over stays.
function place(layer, key, from, draw) {
  const before = drawn.get(key);
  if (before && before[0] === from) return;
  const group = draw();
  if (before) before[1].replaceWith(group);
  else layer.append(group);
  drawn.set(key, [from, group]);
}

function summary(counts) {
  const parts = [`${counts.active} active, ${counts.tree} of them in the tree`, `${counts.sync} sync`, `${counts.v1} version 1`, `${counts.passive} in reserve`];
  return `This node and the peers around it: ${parts.join('; ')}. The table below tells the same of each.`;
}

/**
 * Draws `entries`, of which each has a `key` that is its own, the `peer`, and what to call it in
 * short (`label`, of so many characters) and in full (`title`).
 */
export function draw(svg, narrow, entries) {
  if (!shape || (shape === NARROW) !== narrow) begin(svg, narrow);
  const linked = new Map(entries.filter(({ peer }) => peer.link).map((entry) => [entry.key, entry]));
  const reserve = new Map(entries.filter(({ peer }) => peer.role === 'passive').map((entry) => [entry.key, entry]));
  const links = linkPlaces([...linked.keys()]);
  const dots = reservePlaces([...reserve.keys()]);
  for (const [key, [, group]] of drawn) {
    if (!links.has(key.slice(1)) && key[0] === 'l' || !dots.has(key.slice(1)) && key[0] === 'r') {
      group.remove();
      drawn.delete(key);
    }
  }
  for (const [key, spot] of links) {
    const { peer, label, title } = linked.get(key);
    const name = label(shape.label);
    place(layers.links, 'l' + key, [spot, kind(peer), standing(peer), peer.direction, name].join(' '), () => link(peer, spot, name, title));
    const tip = drawn.get('l' + key)[1].firstChild;
    if (tip.textContent !== title) tip.textContent = title;
  }
  for (const [key, spot] of dots) {
    const { title } = reserve.get(key);
    place(layers.reserve, 'r' + key, spot + title, () => dot(spot, title));
  }
  const more = [[linked.size - links.size, 'linked'], [reserve.size - dots.size, 'in reserve']].filter(([n]) => n > 0);
  layers.more.textContent = more.map(([n, what]) => `+ ${n} more ${what}`).join(', ');
  const of = (what) => [...linked.values()].filter(({ peer }) => kind(peer) === what).length;
  const counts = { tree: of('tree'), announced: of('announced'), sync: of('sync'), v1: of('v1'), passive: reserve.size };
  counts.active = counts.tree + counts.announced;
  const text = summary(counts);
  if (svg.getAttribute('aria-label') !== text) svg.setAttribute('aria-label', text);
  return counts;
}
