// Events by severity over time, as stacked bars.
import { el } from './dom.js';
import { absolute, number, SEVERITIES, severity, title } from './format.js';

const STACK = [...SEVERITIES].reverse(); // what is grave stands at the bottom, where it is compared best
const ORDER = SEVERITIES;

// A canvas knows no custom properties: the browser is asked what one comes to.
function colour(name) {
  const probe = el('span', 'hidden');
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/** A plot in `box`, with what the pointer is at told in `legend`. */
export function plot(box, legend) {
  let chart = null;
  let buckets = [];
  let seconds = 60;
  const cells = new Map();
  const when = el('span', 'plot-when');
  legend.replaceChildren(when, ...ORDER.map((name) => {
    const value = el('b', 'plot-value', '–');
    cells.set(name, value);
    return el('span', 'plot-key', severity(name), value);
  }));

  // Each severity is drawn up to the sum of itself and those below it, the highest first.
  function stacked() {
    const x = buckets.map((bucket) => Date.parse(bucket.start) / 1000);
    const sums = buckets.map(() => 0);
    const series = ORDER.map((name) => buckets.map((bucket, i) => (sums[i] += bucket[name])));
    return [x, ...series.reverse()];
  }

  function tell(index) {
    const all = index === null || index === undefined;
    const one = all ? null : buckets[index];
    for (const name of ORDER) {
      const n = all ? buckets.reduce((sum, bucket) => sum + bucket[name], 0) : one[name];
      cells.get(name).textContent = number(n);
    }
    when.textContent = all ? 'Whole time' : absolute(one.start).replace(/:\d\d$/, '');
  }

  function make() {
    if (chart) chart.destroy();
    const grid = colour('line'), ink = colour('dim');
    // As large as the text around it, which the browser's own setting has its say in.
    const em = Math.round(parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.83);
    const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { show: false }, font: `${em}px system-ui, sans-serif` };
    const paths = window.uPlot.paths.bars({ size: [0.72, 64], align: 1 });
    chart = new window.uPlot({
      width: box.clientWidth,
      height: box.clientHeight,
      padding: [12, 26, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: {
        x: { range: (_, low, high) => [low, high + seconds] },
        y: { range: (_, __, high) => [0, Math.max(4, Math.ceil((high || 0) * 1.08))] },
      },
      axes: [
        { ...axis, size: (_, labels) => em * (labels && labels.some((label) => label && label.includes('\n')) ? 3.6 : 2.4), space: em * 5.8, values: [
          [86400, '{D} {MMM}', null, null, null, null, null, null, 1],
          [3600, '{HH}:{mm}', '\n{D} {MMM}', null, '\n{D} {MMM}', null, null, null, 1],
          [60, '{HH}:{mm}', null, null, null, null, null, null, 1],
        ] },
        { ...axis, size: em * 3.7, space: em * 2.8, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6], values: (_, ticks) => ticks.map((n) => (n >= 1000 ? number(n / 1000) + ' k' : number(n))) },
      ],
      series: [{}, ...STACK.map((name) => ({ label: title(name), paths, fill: colour('bar-' + name), stroke: colour('panel'), width: 0, points: { show: false } }))],
      hooks: { setCursor: [(u) => tell(u.cursor.idx)] },
    }, stacked(), box);
    tell(null);
  }

  function show(timeline) {
    const reshaped = timeline.bucketSeconds !== seconds;
    ({ buckets, bucketSeconds: seconds } = timeline);
    const total = buckets.reduce((sum, bucket) => sum + ORDER.reduce((n, name) => n + bucket[name], 0), 0);
    box.setAttribute('aria-label', `${number(total)} events by severity: ` + ORDER.map((name) => `${number(buckets.reduce((n, bucket) => n + bucket[name], 0))} ${name}`).join(', ') + '. The table below has each of the bars.');
    if (!chart || reshaped) make();
    else {
      chart.setData(stacked());
      tell(chart.cursor.idx);
    }
  }

  new ResizeObserver(() => chart && chart.setSize({ width: box.clientWidth, height: box.clientHeight })).observe(box);
  addEventListener('themechange', () => chart && make());
  return { show };
}
