package main

import (
	"time"

	"github.com/pushcore/pushcore/exec"
)

// lastStall is a line about the newest stall of all rows; those for which others are to blame count only if there is no
// other one.
func (v *view) lastStall(rows []row, width int) line {
	var of *row
	var stalls uint64
	for i := range rows {
		stalls += rows[i].now.Stalls
		if s := rows[i].now.LastStall; s != nil && (of == nil || newsBefore(s, of.now.LastStall)) {
			of = &rows[i]
		}
	}
	if of == nil {
		return text("  "+noStall(stalls), faint)
	}
	last := of.now.LastStall
	what, tone := "stall", plainText
	switch {
	case last.HeldUp:
		what, tone = "held up", faint
	case of.stalledLately(v.shown.Time):
		tone = alarm
	}
	name := strong
	if last.HeldUp {
		name = plainText
	}
	return joined(width, 2,
		line{{"  ", plainText}, {what, tone}, {" " + ago(v.shown.Time, last.Began), plainText}},
		text(of.label, name),
		text(span(last.For), name),
		text(stallPlace(last), plainText),
		text(stallThread(last), faint),
	)
}

// newsBefore says that a stall is more to be told of than another.
func newsBefore(s, than *exec.Stall) bool {
	if s.HeldUp != than.HeldUp {
		return than.HeldUp
	}
	return s.Began.After(than.Began)
}

// noStall is what there is to say where no stall is described.
func noStall(stalls uint64) string {
	if stalls == 0 {
		return "no stall so far"
	}
	return "long turns " + count(float64(stalls)) + ", none of them described"
}

// keys is the last line: what can be done.
func (v *view) keys() line {
	hint := func(key, what string) line { return line{{key, keyName}, {" " + what, faint}} }
	if v.page != pageTable {
		return joined(v.width, 3, line{{" ", plainText}, {"Esc", keyName}, {" back", faint}}, hint("↑↓", "scroll"),
			hint("q", "quit"), v.pauseHint())
	}
	group := "all"
	if v.group != "" {
		group = v.group
	}
	return joined(v.width, 2, line{{" ", plainText}, {"q", keyName}, {" quit", faint}}, hint("?", "help"), v.pauseHint(),
		line{{"s", keyName}, {" sort ", faint}, {orders[v.order].name, plainText}}, hint("r", "reverse"),
		line{{"g", keyName}, {" group ", faint}, {group, plainText}},
		hint("↑↓", "choose"), hint("Enter", "worker"))
}

func (v *view) pauseHint() line {
	if v.paused {
		return line{{"p", keyName}, {" go on", faint}}
	}
	return line{{"p", keyName}, {" pause", faint}}
}

// ago writes how long before a report something was.
func ago(now, then time.Time) string { return age(now.Sub(then)) + " ago" }
