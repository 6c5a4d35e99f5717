// A group: its figures, its members, and what they have.

const memberColumns = [
  {name: 'Worker', kind: 'worker'}, {name: 'Busy', kind: 'busy'},
  {name: 'Items/s', kind: 'n'}, {name: 'Share of items', kind: 'share'},
  {name: 'Queue p50', kind: 'n'}, {name: 'Queue p99', kind: 'n'},
  {name: 'Run p50', kind: 'n'}, {name: 'Run p99', kind: 'n'},
  {name: 'Depth', kind: 'n', title: 'Now, and the most that was seen'}, {name: 'Batches', kind: 'batches'},
];

// tiles are the figures of a group; those with true should stay 0.
const tiles = [
  ['accepted', g => g.Accepted], ['executed', g => g.Executed],
  ['rejected', g => g.Rejected, true], ['expired', g => g.Expired, true],
  ['failed', g => g.Failed, true], ['panics', g => g.sums.panics, true],
  ['parks', g => g.sums.parks], ['wakes', g => g.sums.wakes],
];

const threshold = 1.5; // of unevenness

const sorts = {
  id: () => 0,
  busy: f => -(f.busy ?? 0),
  items: f => -(f.items ?? 0),
  delay: f => -(f.delay99 ?? 0),
  depth: f => -f.x.Depth,
};

// turnTooLong is when a turn that is under way is shown, in nanoseconds.
const turnTooLong = 1e8;

class MemberRow {
  constructor(id) {
    const {element, tds} = rowOf(memberColumns);
    this.element = element;
    this.name = el('span', {class: 'name'});
    this.more = el('span', {class: 'more'});
    this.flags = el('span', {class: 'flags'});
    tds[0].append(this.name, this.more, this.flags);
    this.busy = meter('Busy, worker ' + id);
    tds[1].append(this.busy.element);
    this.strip = strip();
    this.ratio = el('span', {class: 'value'});
    tds[3].append(this.strip.element, this.ratio);
    [this.depth, this.max] = [el('span'), el('span', {class: 'more'})];
    tds[8].append(this.depth, this.max);
    this.bars = bars();
    this.fill = el('span', {class: 'value'});
    tds[9].append(this.bars.element, this.fill);
    this.texts = [2, 4, 5, 6, 7].map(i => tds[i]);
  }

  // show takes the figures, the strip's ratios, the ratio of now, and whether the group is uneven.
  show(f, ratios, ratio, uneven) {
    const {m, x} = f;
    set(this.name, x.Name || String(m.ID));
    const where = x.Thread.ID ? 'cpu ' + x.Thread.CPU : x.CPUs?.length ? 'cpu ' + x.CPUs.join() : '';
    set(this.more, [where, m.Weight !== 1 ? 'weight ' + m.Weight : ''].filter(Boolean).join(', '));
    const flags = [];
    if (!m.Open) flags.push('paused');
    if (x.State !== 'running') flags.push(x.State === 'made' ? 'not started' : x.State);
    if (x.Turn > turnTooLong) flags.push('in a turn for ' + span(x.Turn));
    if (x.Stalls > 0) flags.push(`⚠ stalls ${count(x.Stalls)}`);
    set(this.flags, flags.join(' · '));
    this.busy.show(f.busy);
    [f.items === undefined ? none : count(f.items), span(f.delay50), span(f.delay99), span(f.run50), span(f.run99)]
      .forEach((text, i) => set(this.texts[i], text));
    this.strip.show(ratios, 'Items of the last minute' + (ratio === undefined ? '' : `; now ${times(ratio)} the mean`));
    set(this.ratio, times(ratio));
    this.ratio.classList.toggle('high', uneven && ratio > threshold);
    set(this.depth, count(x.Depth));
    set(this.max, ' / ' + count(Math.max(x.Depth, x.MaxDepth)));
    this.bars.show(f.batches);
    set(this.fill, f.fill === undefined ? none : 'ø ' + plain(f.fill));
  }
}

class GroupView {
  constructor(index) {
    const id = 'group' + index;
    this.track = new Track(groupGrows);
    this.tracks = new Map(); // of members, inboxes, sources, threads, by key
    this.strips = new Map(); // by member
    this.title = el('h2', {id});
    this.about = el('p', {class: 'about'});
    this.balance = el('p', {class: 'balance'});
    this.tiles = tiles.map(([name, , bad]) => {
      const rate = el('span', {class: 'rate'}), total = el('span', {class: 'more'});
      return {rate, total, bad, element: el('div', {class: 'tile'}, el('dt', {}, name), el('dd', {}, rate, total))};
    });
    this.members = tableOf('', memberColumns, id => new MemberRow(id));
    this.members.element.classList.add('members');
    this.caption = this.members.element.caption;
    this.lists = {
      inboxes: list('Inboxes', inboxColumns),
      sources: list('Sources', sourceColumns),
      threads: list('Threads', threadColumns),
    };
    this.decisions = el('p', {class: 'about'});
    this.element = el('section', {class: 'group', 'aria-labelledby': id},
      el('div', {class: 'head'}, this.title, this.about, this.balance),
      el('dl', {class: 'tiles'}, ...this.tiles.map(t => t.element)),
      this.members.element, this.decisions,
      el('div', {class: 'lists'}, ...Object.values(this.lists).map(l => l.element)));
  }

  // follow returns the track of key, with its new state, and notes that it is still there.
  follow(seen, key, grows, time, state) {
    if (!this.tracks.has(key)) this.tracks.set(key, new Track(grows));
    seen.add(key);
    const track = this.tracks.get(key);
    track.same = track.push(time, state);
    return track;
  }

  // take notes a snapshot.
  take(time, g) {
    const sums = {panics: 0, parks: 0, wakes: 0}, seen = new Set();
    const all = {members: [], inboxes: [], sources: [], threads: []};
    for (const m of g.Members ?? []) {
      const x = m.Exec, worker = x.Name || String(m.ID);
      sums.panics += x.Panics;
      sums.parks += x.Parks;
      sums.wakes += x.WakesReceived;
      const track = this.follow(seen, 'm' + m.ID, memberGrows, time, m);
      if (!this.strips.has(m.ID)) this.strips.set(m.ID, new Strip());
      this.strips.get(m.ID).push(Math.floor(time / secondNS), m.Received, track.same);
      all.members.push(track);
      const part = (list, kind, i, grows, state) => {
        const key = `${kind} ${m.ID} ${i} ${state.Name ?? state.ID}`;
        all[list].push([key, this.follow(seen, key, grows, time, {...state, worker})]);
      };
      (x.Inboxes ?? []).forEach((s, i) => part('inboxes', 'i', i, [s => s.Items, s => s.Batches], s));
      (x.Sources ?? []).forEach((s, i) => part('sources', 's', i, [s => s.Polls, s => s.Done], s));
      if (x.Thread.ID) part('threads', 't', 0, [s => s.Running], x.Thread);
    }
    for (const key of this.tracks.keys()) if (!seen.has(key)) this.tracks.delete(key);
    for (const id of this.strips.keys()) if (!seen.has('m' + id)) this.strips.delete(id);
    this.track.push(time, {...g, sums});
    this.all = all;
  }

  // show brings the document up to date.
  show(sort) {
    const g = this.track.now;
    set(this.title, g.Name || '(no name)');
    const n = all => all === 1 ? '1 worker' : all + ' workers';
    set(this.about, [n(this.all.members.length), g.Balancer, g.Producers ? 'producers ' + g.Producers : '',
      g.Forwarders ? `forwarders ${g.Forwarders}, on their way ${g.Forwards} of ${g.MaxForwards}` : '',
      g.BalancerFull ? 'balancer full ' + count(g.BalancerFull) : ''].filter(Boolean).join(' · '));
    set(this.caption, 'Workers of ' + (g.Name || 'this group'));
    tiles.forEach(([, f], i) => this.showTile(this.tiles[i], f, g));
    set(this.decisions, g.Decisions?.length ? 'Decisions: ' + figuresOf(g.Decisions) : '');
    const fs = this.all.members.map(figures);
    this.showMembers(fs, sort, this.showBalance(fs));
    for (const name of Object.keys(this.lists)) this.lists[name].show(this.all[name]);
  }

  showTile(tile, f, g) {
    const rate = this.track.rate(f);
    set(tile.rate, rate === undefined ? none : count(rate) + '/s');
    set(tile.total, count(f(g)) + ' in all');
    tile.element.classList.toggle('bad', Boolean(tile.bad && rate > 0));
  }

  // showBalance tells how uneven the last second was, and returns whether it was, if there was enough to be even.
  showBalance(fs) {
    const open = fs.filter(f => f.m.Open && f.known);
    const received = open.map(f => f.received), busy = open.map(f => f.busy);
    const uneven = [];
    const judge = (name, values, enough) => {
      const v = unevenness(values);
      const enoughOf = open.length > 1 && sum(values) >= enough * open.length;
      if (enoughOf && v > threshold) uneven.push(`${name} ${times(v)} the mean`);
      return `${name} ${times(v)}`;
    };
    const all = [judge('items', received, 20), judge('busy', busy, 0.1)];
    this.balance.classList.toggle('uneven', uneven.length > 0);
    set(this.balance, uneven.length ? '⚠ Uneven: ' + uneven.join(', ') : 'Max/mean: ' + all.join(', '));
    attr(this.balance, 'title', 'The most that one worker has, divided by the mean of all that are open');
    return uneven.length > 0;
  }

  showMembers(fs, sort, uneven) {
    const strips = fs.map(f => this.strips.get(f.m.ID).cells);
    const means = Array.from({length: cells}, (_, i) => { // from the newest back
      const there = strips.flatMap(s => i < s.length ? [s[s.length - 1 - i]] : []);
      return sum(there) / there.length;
    });
    const total = sum(fs.map(f => f.received ?? 0));
    const by = sorts[sort];
    const order = fs.map((f, i) => [f, strips[i]]).sort(([a], [b]) => by(a) - by(b) || a.m.ID - b.m.ID);
    this.members.show(order.map(([f]) => f.m.ID));
    for (const [f, s] of order) {
      const ratios = s.map((v, i) => means[s.length - 1 - i] > 0 ? v / means[s.length - 1 - i] : undefined);
      const ratio = total > 0 && f.known ? f.received * fs.length / total : undefined;
      this.members.rows.get(f.m.ID).show(f, ratios, ratio, uneven);
    }
  }
}
