// The figures of a group, as tiles.

const workIs = 'Items and tasks that came by inboxes, and what sources have done';

// fromSources says that the work of a group comes from sources, such as sockets, and not by inboxes: there is no balancer
// that sends, and not much more came than the tasks that Execs are begun with.
const fromSources = g => !g.Balancer && g.Accepted <= g.sums.done;

// Tiles are {name, of, bad, title}; those that are bad should stay 0.
const common = [
  {name: 'failed', of: g => g.Failed, bad: true, title: 'Tasks and items that panicked'},
  {name: 'panics', of: g => g.sums.panics, bad: true},
  {name: 'parks', of: g => g.sums.parks, title: 'Times that a thread went to sleep'},
  {name: 'wakes', of: g => g.sums.wakes, title: 'System calls that woke one'},
];
const itemTiles = [
  {name: 'accepted', of: g => g.Accepted}, {name: 'executed', of: g => g.Executed},
  {name: 'rejected', of: g => g.Rejected, bad: true}, {name: 'expired', of: g => g.Expired, bad: true},
  ...common,
];
const sourceTiles = [
  {name: 'work', of: g => g.sums.work, title: workIs},
  {name: 'resumes', of: g => g.sums.resumes, title: 'Times that a coroutine began or went on'},
  {name: 'tasks', of: g => g.sums.tasks, title: 'Tasks and coroutines begun'},
  {name: 'rejected', of: g => g.Rejected, bad: true},
  ...common,
];

// totals sums up what tiles show of members.
function totals(members) {
  const of = f => sum(members.map(m => f(m.Exec)));
  return {
    work: sum(members.map(work)), done: of(x => sum((x.Sources ?? []).map(s => s.Done))),
    resumes: of(x => x.Resumes), tasks: of(x => x.Tasks),
    panics: of(x => x.Panics), parks: of(x => x.Parks), wakes: of(x => x.WakesReceived),
  };
}

class Tiles {
  constructor() { this.element = el('dl', {class: 'tiles'}); }

  // show takes the track of a group.
  show(track) {
    const kinds = fromSources(track.now) ? sourceTiles : itemTiles;
    if (this.kinds !== kinds) this.make(kinds);
    for (const {kind, rate, total, element} of this.tiles) {
      const v = track.rate(kind.of);
      set(rate, v === undefined ? none : count(v) + '/s');
      set(total, count(kind.of(track.now)) + ' in all');
      element.classList.toggle('bad', Boolean(kind.bad && v > 0));
    }
  }

  make(kinds) {
    this.kinds = kinds;
    this.tiles = kinds.map(kind => {
      const rate = el('span', {class: 'rate'}), total = el('span', {class: 'more'});
      const element = el('div', {class: 'tile', title: kind.title ?? ''},
        el('dt', {}, kind.name), el('dd', {}, rate, total));
      return {kind, rate, total, element};
    });
    this.element.replaceChildren(...this.tiles.map(t => t.element));
  }
}
