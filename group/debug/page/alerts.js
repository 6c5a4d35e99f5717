// Stalls that reports have told of, the newest first. An Exec tells its last one; the list keeps what it has seen.

const alertsKept = 20;

class Alerts {
  constructor(list, calm) {
    this.list = list;
    this.calm = calm;
    this.seen = new Map(); // by Exec: when its last stall began
  }

  take(report) {
    for (const g of report.Groups ?? []) {
      for (const m of g.Members ?? []) {
        const s = m.Exec.LastStall;
        const key = `${g.Name} ${m.ID} ${m.Exec.Name}`;
        if (!s || this.seen.get(key) === s.Began) continue;
        this.seen.set(key, s.Began);
        this.add(s);
      }
    }
  }

  add(s) {
    this.calm.hidden = true;
    const what = el('strong', {}, `${s.Exec || '(no name)'}: ${s.Kind || 'turn'} took ${span(s.For)} or longer`);
    const facts = [s.Thread && 'thread ' + s.Thread, s.Preempted > 0 && `of it ${span(s.Preempted)} without a CPU`,
      s.Suppressed > 0 && `${s.Suppressed} before it not reported`].filter(Boolean).join(', ');
    const details = el('details', {}, el('summary', {}, what,
      el('time', {datetime: s.Began}, new Date(s.Began).toTimeString().slice(0, 8)),
      el('code', {}, s.Function || '(function unknown)'),
      el('span', {class: 'more'}, facts)),
    el('pre', {}, s.Stack || 'There is no stack.'));
    this.list.prepend(el('li', {}, details));
    while (this.list.children.length > alertsKept) this.list.lastChild.remove();
  }
}
