// Tables that become cards on narrow screens: roles are given, because some browsers forget that a table is one when its
// display is another.

function tableOf(caption, labels, make) {
  const body = el('tbody', {role: 'rowgroup'}), rows = new Map();
  const head = el('tr', {role: 'row'}, ...labels.map(l =>
    el('th', {role: 'columnheader', scope: 'col', class: l.kind ?? '', title: l.title ?? ''}, l.name)));
  const element = el('table', {role: 'table'}, el('caption', {}, caption), el('thead', {role: 'rowgroup'}, head), body);
  return {element, rows, show(keys) { reconcile(body, rows, keys, make); }};
}

function rowOf(labels) {
  const tds = labels.map(({name, kind = ''}, i) => i === 0 ?
    el('th', {role: 'rowheader', scope: 'row', class: kind}) :
    el('td', {role: 'cell', 'data-label': name, class: kind}));
  return {element: el('tr', {role: 'row'}, ...tds), tds};
}

// list is a table behind a disclosure, which is brought up to date only while it is open. Its columns are
// {name, kind, of}, where of makes text from a track; items are [key, track].
function list(title, columns) {
  const summary = el('summary', {}, title);
  const table = tableOf(title, columns, () => rowOf(columns));
  const element = el('details', {class: 'list'}, summary, table.element);
  let items = [];
  const fill = () => {
    if (!element.open) return;
    table.show(items.map(([key]) => key));
    for (const [key, track] of items) {
      const {tds} = table.rows.get(key);
      columns.forEach((c, i) => set(tds[i], c.of(track)));
    }
  };
  element.addEventListener('toggle', fill);
  return {element, show(next) {
    items = next;
    element.hidden = items.length === 0;
    set(summary, `${title} (${items.length})`);
    fill();
  }};
}

// Quantiles are of the window.
const p = (of, q) => t => span(quantile(since(of(t.now), t.then && of(t.then)), q));
const perSecond = f => t => count(t.rate(f));

const ofTime = f => t => t.then ? share(t.delta(f) / t.length) : none;

// counted is what a source says of itself, but for what is 0: gauges, and how fast the others grow, or, where they do not,
// what they have come to.
const counted = t => (t.now.Counters ?? []).filter(c => c.Value > 0).map(c => {
  const rate = c.Gauge ? 0 : t.rate(s => (s.Counters ?? []).find(o => o.Name === c.Name)?.Value ?? 0);
  const v = rate > 0 ? count(rate) + '/s' : count(c.Value) + (c.Gauge ? '' : '\u00a0in\u00a0all');
  return c.Name + '\u00a0' + v;
}).join(', ') || none;

const figuresOf = counters => (counters ?? []).map(c => `${c.Name} ${count(c.Value)}`).join(', ') || none;

const inboxColumns = [
  {name: 'Inbox', of: t => `${t.now.worker} ${t.now.Name || '(no name)'}${t.now.Control ? ' (control)' : ''}`},
  {name: 'Items/s', kind: 'n', of: perSecond(s => s.Consumed)},
  {name: 'Depth', kind: 'n', of: t => count(t.now.Depth)},
  {name: 'Max', kind: 'n', title: 'The most that was seen, in the ring and in all lanes', of: t => count(t.now.MaxDepth)},
  {name: 'Cap', kind: 'n', title: 'Of the ring behind TrySend, without lanes', of: t => count(t.now.Cap)},
  {name: 'Delay p50', kind: 'n', of: p(s => s.Delay, .5)},
  {name: 'Delay p99', kind: 'n', of: p(s => s.Delay, .99)},
  {name: 'Run p50', kind: 'n', of: p(s => s.RunTime, .5)},
  {name: 'Run p99', kind: 'n', of: p(s => s.RunTime, .99)},
  {name: 'Lanes', kind: 'n', of: t => count((t.now.Lanes ?? []).length)},
  {name: 'Held', kind: 'n', of: t => count(t.now.Held)},
  {name: 'Lane full', kind: 'n', of: t => count(t.now.LaneFull)},
  {name: 'Rejected', kind: 'n', of: t => count(t.now.Rejected)},
  {name: 'Expired', kind: 'n', of: t => count(t.now.Expired)},
  {name: 'Failed', kind: 'n', of: t => count(t.now.Failed)},
];

const sourceColumns = [
  {name: 'Source', of: t => `${t.now.worker} ${t.now.Name || '(no name)'}`},
  {name: 'Polls/s', kind: 'n', of: perSecond(s => s.Polls)},
  {name: 'Useful', kind: 'n', of: t => t.delta(s => s.Polls) ? share(t.delta(s => s.Useful) / t.delta(s => s.Polls)) : none},
  {name: 'Done/s', kind: 'n', of: perSecond(s => s.Done)},
  {name: 'Run p50', kind: 'n', of: p(s => s.RunTime, .5)},
  {name: 'Run p99', kind: 'n', of: p(s => s.RunTime, .99)},
  {name: 'Counters', kind: 'wide', of: counted},
];

const threadColumns = [
  {name: 'Thread', of: t => `${t.now.worker} ${t.now.ID}`},
  {name: 'CPU', kind: 'n', of: t => String(t.now.CPU)},
  {name: 'Running', kind: 'n', of: ofTime(s => s.Running)},
  {name: 'Waiting for a CPU', kind: 'n', of: ofTime(s => s.Waiting)},
  {name: 'Voluntary switches/s', kind: 'n', of: perSecond(s => s.Voluntary)},
  {name: 'Involuntary switches/s', kind: 'n', of: perSecond(s => s.Involuntary)},
];
