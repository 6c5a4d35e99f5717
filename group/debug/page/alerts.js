// Stalls that reports have told of. An Exec tells its last one; the list keeps what it has seen. Those that others are to
// blame for, who had the processor, come after all that are the program's own.

const alertsKept = 20, alertsShown = 3;

class Alerts {
  constructor(list, calm) {
    this.calm = calm;
    this.shown = list;
    this.more = el('summary');
    this.rest = el('ul', {role: 'list'});
    this.fold = el('details', {class: 'rest'}, this.more, this.rest);
    this.fold.hidden = true;
    list.after(this.fold);
    this.seen = new Map(); // by Exec: when its last stall began
    this.own = [];
    this.others = [];
  }

  take(report) {
    for (const g of report.Groups ?? []) {
      for (const m of g.Members ?? []) {
        const s = m.Exec.LastStall;
        const key = `${g.Name} ${m.ID} ${m.Exec.Name}`;
        if (!s || this.seen.get(key) === s.Began) continue;
        this.seen.set(key, s.Began);
        (s.HeldUp ? this.others : this.own).unshift(item(s));
        this.arrange();
      }
    }
  }

  arrange() {
    set(this.calm, this.others.length ? 'None, but turns that took long because others had the processor.' : 'None seen.');
    this.calm.hidden = this.own.length > 0;
    while (this.own.length + this.others.length > alertsKept) {
      (this.others.length ? this.others : this.own).pop().remove();
    }
    const all = [...this.own, ...this.others];
    const put = (list, items) => items.forEach((e, i) => { // what is in its place stays: it would be read out again
      if (list.children[i] !== e) list.insertBefore(e, list.children[i] ?? null);
    });
    put(this.rest, all.slice(alertsShown));
    put(this.shown, all.slice(0, alertsShown));
    this.fold.hidden = all.length <= alertsShown;
    set(this.more, `${all.length - alertsShown} more`);
  }
}

// item is a stall, with its stack behind a disclosure.
function item(s) {
  const late = s.HeldUp;
  const what = `${s.Exec || '(no name)'}: ` + (late ? `others had the processor, a turn took ${span(s.For)} or longer` :
    `${s.Kind || 'turn'} took ${span(s.For)} or longer`);
  const facts = [s.Thread && 'thread ' + s.Thread, s.Preempted > 0 && `of it ${span(s.Preempted)} without a CPU`,
    s.Suppressed > 0 && `${s.Suppressed} before it not reported`].filter(Boolean).join(', ');
  const details = el('details', {}, el('summary', {}, el(late ? 'span' : 'strong', {}, what),
    el('time', {datetime: s.Began}, new Date(s.Began).toTimeString().slice(0, 8)),
    el('code', {}, s.Function || '(function unknown)'),
    el('span', {class: 'more'}, facts)),
  el('pre', {}, s.Stack || 'There is no stack.'));
  return el('li', late ? {class: 'note'} : {}, details);
}
