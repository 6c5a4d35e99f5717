// What happened between two reports. Counters only grow; where one did not, what is counted is another one now (a worker
// was replaced, the program began anew), and there is nothing to subtract yet.

const secondNS = 1e9, cells = 60;

// Bounds of a histogram's buckets, as in exec.BucketEnd: four to each doubling, the first ends at 64 ns.
const begins = [0];
for (let i = 1; i < 122; i++) begins.push((4 + (i - 1) % 4) * 2 ** (4 + Math.floor((i - 1) / 4)));
const bucketOf = new Map(begins.slice(1).map((end, i) => [end, i]));

// since returns what histogram h has counted after it was as old is; all of it without old.
function since(h, old) {
  const before = new Map(old ? old.Buckets : []);
  const buckets = [];
  let count = 0;
  for (const [end, n] of h.Buckets) {
    const d = n - (before.get(end) || 0);
    if (d <= 0) continue;
    const i = bucketOf.get(end) ?? begins.length - 1;
    buckets.push([begins[i], Math.max(begins[i], Math.min(begins[i + 1] ?? Infinity, h.Max)), d]);
    count += d;
  }
  return {buckets, count};
}

// quantile of what since returns, by interpolation within a bucket; undefined if nothing was counted.
function quantile({buckets, count}, q) {
  let before = 0;
  for (const [begin, end, n] of buckets) {
    if (before + n >= q * count) return begin + (end - begin) * (q * count - before) / n;
    before += n;
  }
}

// Track keeps the states of one thing over a window of about a second.
class Track {
  constructor(grows) { this.grows = grows; this.states = []; }

  // push returns whether state is a later one of the same thing.
  push(time, state) {
    const last = this.states.at(-1);
    const same = last !== undefined && time > last.time && !this.grows.some(f => f(state) < f(last.state));
    if (!same) this.states = [];
    this.states.push({time, state});
    while (this.states.length > 2 && this.states[1].time <= time - secondNS) this.states.shift();
    return same;
  }

  get now() { return this.states.at(-1).state; }
  get then() { return this.states.length > 1 ? this.states[0].state : undefined; }
  get length() { return this.states.at(-1).time - this.states[0].time; } // of the window, in nanoseconds

  // delta returns by how much f has grown in the window, rate the same per second.
  delta(f) { return this.then && Math.max(0, f(this.now) - f(this.then)); }
  rate(f) { const d = this.delta(f); return d === undefined ? undefined : d * secondNS / this.length; }
}

// Strip keeps how much was counted in each of the last seconds.
class Strip {
  constructor() { this.cells = []; this.open = undefined; }

  // push takes the counter, and whether it is the same one as before; second says which cell is under way.
  push(second, value, same) {
    if (!this.open || !same) this.open = {second, value};
    const passed = second - this.open.second;
    if (passed <= 0) return;
    const grown = (value - this.open.value) / passed;
    for (let i = 0; i < Math.min(passed, cells); i++) this.cells.push(grown);
    this.cells = this.cells.slice(-cells);
    this.open = {second, value};
  }
}

const sum = values => values.reduce((a, b) => a + b, 0);

// unevenness is the most divided by the mean, as group.MaxByMean.
function unevenness(values) {
  const all = sum(values);
  return all > 0 ? Math.max(...values) * values.length / all : undefined;
}

const sizes = Array.from({length: 16}, (_, i) => 2 ** i);

const memberGrows = [m => m.Exec.Turns, m => m.Exec.Busy, m => m.Received, m => m.Exec.Parks];
const groupGrows = [g => g.Accepted, g => g.Rejected];

const busyTime = m => m.Exec.Busy + m.Exec.Turn; // the turn under way is not in Busy yet

// inboxes sums f over a member's inboxes.
const inboxes = f => m => sum((m.Exec.Inboxes ?? []).map(f));
const sources = f => m => sum((m.Exec.Sources ?? []).map(f));

// ofInterest leaves out the source with which a group finds out if its workers are idle.
const ofInterest = s => s.Name !== 'census' || s.Done > 0;


// work is what a member has done: what came by its inboxes, and what its sources say that they did.
const work = m => inboxes(i => i.Consumed)(m) + sources(s => s.Done)(m);

// figures returns what is shown of a member.
function figures(track) {
  const m = track.now, old = track.then, x = m.Exec;
  const f = {m, x, known: old !== undefined};
  const delay = since(x.QueueDelay, old?.Exec.QueueDelay), run = since(x.RunTime, old?.Exec.RunTime);
  if (old) {
    // The share of the time that has passed, not of Busy and Idle: a loop that sleeps tells of its Idle when it wakes.
    f.busyTime = track.delta(busyTime);
    f.busy = Math.min(1, f.busyTime / track.length);
    f.work = track.rate(work);
    f.received = track.delta(m => m.Received);
    f.batches = sizes.map((_, i) => track.delta(m => m.Exec.BatchSizes[i]));
    const batches = track.delta(inboxes(i => i.Batches)), polls = track.delta(sources(s => s.Useful));
    if (batches > 0) f.fill = track.delta(inboxes(i => i.Consumed)) / batches;
    else if (polls > 0) f.fill = track.delta(sources(s => s.Done)) / polls;
    [f.delay50, f.delay99] = [quantile(delay, .5), quantile(delay, .99)];
    [f.run50, f.run99] = [quantile(run, .5), quantile(run, .99)];
  }
  return f;
}
