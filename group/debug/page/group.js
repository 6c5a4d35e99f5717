// A group: its figures, its members, and what they have.

const memberColumns = [
  {name: 'Worker', kind: 'worker'}, {name: 'Busy', kind: 'busy'},
  {name: 'Work/s', kind: 'n', title: workIs}, {name: 'Share of items', kind: 'share'},
  {name: 'Queue p50', kind: 'n'}, {name: 'Queue p99', kind: 'n'},
  {name: 'Run p50', kind: 'n'}, {name: 'Run p99', kind: 'n'},
  {name: 'Depth', kind: 'n', title: 'Now, and the most that was seen'}, {name: 'Batches', kind: 'batches',
    title: 'How much a handler was given at once, or a poll of a source did: by size, and the mean'},
];

// shares are what the workers of a group may have a share of. What is less than enough, of each worker in a second, says
// nothing about how it is spread.
const shares = {
  items: {name: 'Share of items', what: 'Items', of: f => f.received, enough: 0},
  time: {name: 'Share of time', what: 'Busy time', of: f => f.busyTime, enough: 0.01 * secondNS},
};

const threshold = 1.5; // of unevenness

const sorts = {
  id: () => 0,
  busy: f => -(f.busy ?? 0),
  work: f => -(f.work ?? 0),
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
    this.share = tds[3];
    this.share.append(this.strip.element, this.ratio);
    [this.depth, this.max] = [el('span'), el('span', {class: 'more'})];
    tds[8].append(this.depth, this.max);
    this.bars = bars();
    this.fill = el('span', {class: 'value'});
    tds[9].append(this.bars.element, this.fill);
    this.texts = [2, 4, 5, 6, 7].map(i => tds[i]);
  }

  // show takes the figures, of what there is a share, the strip's ratios, the ratio of now, whether the group is uneven,
  // and whether a stall was this worker's own.
  show(f, kind, ratios, ratio, uneven, stalled) {
    const {m, x} = f;
    set(this.name, x.Name || String(m.ID));
    const where = x.Thread.ID ? 'cpu ' + x.Thread.CPU : x.CPUs?.length ? 'cpu ' + x.CPUs.join() : '';
    set(this.more, [where, m.Weight !== 1 ? 'weight ' + m.Weight : '',
      x.Stalls > 0 && !stalled ? 'long turns ' + count(x.Stalls) : ''].filter(Boolean).join(', '));
    const flags = [];
    if (!m.Open) flags.push('paused');
    if (x.State !== 'running') flags.push(x.State === 'made' ? 'not started' : x.State);
    if (x.Turn > turnTooLong) flags.push('in a turn for ' + span(x.Turn));
    if (x.Stalls > 0 && stalled) flags.push(`⚠ stalls ${count(x.Stalls)}`);
    set(this.flags, flags.join(' · '));
    this.busy.show(f.busy);
    [count(f.work), span(f.delay50), span(f.delay99), span(f.run50), span(f.run99)]
      .forEach((text, i) => set(this.texts[i], text));
    attr(this.share, 'data-label', kind.name);
    this.strip.show(ratios, kind.what + ' of the last minute' + (ratio === undefined ? '' : `; now ${times(ratio)} the mean`));
    set(this.ratio, times(ratio));
    this.ratio.classList.toggle('high', uneven && ratio > threshold);
    set(this.depth, count(x.Depth));
    set(this.max, ' / ' + count(Math.max(x.Depth, x.MaxDepth)));
    this.bars.show(f.batches);
    set(this.fill, f.fill === undefined ? none : 'ø ' + plain(f.fill));
  }
}

class GroupView {
  constructor(index, g) {
    const id = 'group' + index;
    this.track = new Track(groupGrows);
    this.tracks = new Map(); // of members, inboxes, sources, threads, by key
    this.strips = new Map(); // by member: of each of the shares
    this.stalled = new Set(); // members with a stall for which nobody else was to blame
    this.title = el('h2', {id});
    this.about = el('p', {class: 'about'});
    this.balance = el('p', {class: 'balance'});
    this.tiles = new Tiles();
    this.members = tableOf('', memberColumns, id => new MemberRow(id));
    this.members.element.classList.add('members');
    this.caption = this.members.element.caption;
    this.shareHead = this.members.element.querySelector('thead .share');
    const inboxes = list('Inboxes', inboxColumns), sources = list('Sources', sourceColumns);
    const threads = list('Threads', threadColumns);
    // Execs without a balancer often have all their work from sources.
    this.lists = g.Balancer ? {inboxes, sources, threads} : {sources, inboxes, threads};
    sources.element.open = !g.Balancer;
    this.decisions = el('p', {class: 'about'});
    this.element = el('section', {class: 'group', 'aria-labelledby': id},
      el('div', {class: 'head'}, this.title, this.about, this.balance),
      this.tiles.element, this.members.element, this.decisions,
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
    const seen = new Set();
    const all = {members: [], inboxes: [], sources: [], threads: []};
    for (const m of g.Members ?? []) {
      const x = m.Exec, worker = x.Name || String(m.ID);
      const track = this.follow(seen, 'm' + m.ID, memberGrows, time, m);
      if (!this.strips.has(m.ID)) this.strips.set(m.ID, {items: new Strip(), time: new Strip()});
      const {items, time: busy} = this.strips.get(m.ID), second = Math.floor(time / secondNS);
      items.push(second, m.Received, track.same);
      busy.push(second, busyTime(m), track.same);
      if (!x.Stalls) this.stalled.delete(m.ID);
      else if (x.LastStall && !x.LastStall.HeldUp) this.stalled.add(m.ID);
      all.members.push(track);
      const part = (list, kind, i, grows, state) => {
        const key = `${kind} ${m.ID} ${i} ${state.Name ?? state.ID}`;
        all[list].push([key, this.follow(seen, key, grows, time, {...state, worker})]);
      };
      (x.Inboxes ?? []).forEach((s, i) => part('inboxes', 'i', i, [s => s.Consumed, s => s.Batches], s));
      (x.Sources ?? []).forEach((s, i) => ofInterest(s) && part('sources', 's', i, [s => s.Polls, s => s.Done], s));
      if (x.Thread.ID) part('threads', 't', 0, [s => s.Running], x.Thread);
    }
    for (const key of this.tracks.keys()) if (!seen.has(key)) this.tracks.delete(key);
    for (const id of this.strips.keys()) {
      if (seen.has('m' + id)) continue;
      this.strips.delete(id);
      this.stalled.delete(id);
    }
    this.track.push(time, {...g, sums: totals(g.Members ?? [])});
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
    this.tiles.show(this.track);
    set(this.decisions, g.Decisions?.length ? 'Decisions: ' + figuresOf(g.Decisions) : '');
    const fs = this.all.members.map(figures);
    const kind = fromSources(g) ? 'time' : 'items';
    this.showMembers(fs, sort, kind, this.showBalance(fs, kind));
    for (const name of Object.keys(this.lists)) this.lists[name].show(this.all[name]);
  }

  // showBalance tells how uneven the last second was, and returns whether it was, if there was enough to be even.
  showBalance(fs, kind) {
    const open = fs.filter(f => f.m.Open && f.known);
    const received = open.map(f => f.received), busy = open.map(f => f.busy);
    const uneven = [];
    const judge = (name, values, enough) => {
      const v = unevenness(values);
      const enoughOf = open.length > 1 && sum(values) >= enough * open.length;
      if (enoughOf && v > threshold) uneven.push(`${name} ${times(v)} the mean`);
      return `${name} ${times(v)}`;
    };
    const all = kind === 'items' ? [judge('items', received, 20)] : [];
    all.push(judge('busy', busy, 0.1));
    this.balance.hidden = fs.length < 2;
    this.balance.classList.toggle('uneven', uneven.length > 0);
    set(this.balance, uneven.length ? '⚠ Uneven: ' + uneven.join(', ') : 'Max/mean: ' + all.join(', '));
    attr(this.balance, 'title', 'The most that one worker has, divided by the mean of all that are open');
    return uneven.length > 0;
  }

  showMembers(fs, sort, kind, uneven) {
    const {of, enough} = shares[kind];
    set(this.shareHead, shares[kind].name);
    const strips = fs.map(f => this.strips.get(f.m.ID)[kind].cells);
    const means = Array.from({length: cells}, (_, i) => { // from the newest back
      const there = strips.flatMap(s => i < s.length ? [s[s.length - 1 - i]] : []);
      return sum(there) / there.length;
    });
    const total = sum(fs.map(f => of(f) ?? 0));
    const by = sorts[sort];
    const order = fs.map((f, i) => [f, strips[i]]).sort(([a], [b]) => by(a) - by(b) || a.m.ID - b.m.ID);
    this.members.show(order.map(([f]) => f.m.ID));
    for (const [f, s] of order) {
      const ratios = s.map((v, i) => means[s.length - 1 - i] > enough ? v / means[s.length - 1 - i] : undefined);
      const ratio = total > enough * fs.length && f.known ? of(f) * fs.length / total : undefined;
      this.members.rows.get(f.m.ID).show(f, shares[kind], ratios, ratio, uneven, this.stalled.has(f.m.ID));
    }
  }
}
