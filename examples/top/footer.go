package main

import (
	"fmt"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// lastStall is a line about the newest stall of all rows.
func (v *view) lastStall(rows []row, width int) line {
	var last *exec.Stall
	var of *row
	var stalls uint64
	for i := range rows {
		stalls += rows[i].now.Stalls
		if s := rows[i].now.LastStall; s != nil && (last == nil || s.Began.After(last.Began)) {
			last, of = s, &rows[i]
		}
	}
	if last == nil {
		return text("  "+noStall(stalls), faint)
	}
	tone := plainText
	if of.stalledLately(v.shown.Time) {
		tone = alarm
	}
	return joined(width, 2,
		line{{"  ", plainText}, {"stall", tone}, {" " + age(v.shown.Time.Sub(last.Began)) + " ago", plainText}},
		text(of.label, strong),
		text(span(last.For), strong),
		text(stallPlace(last), plainText),
		text(stallThread(last), faint),
	)
}

// noStall is what there is to say where no stall is described.
func noStall(stalls uint64) string {
	if stalls == 0 {
		return "no stall so far"
	}
	return count(float64(stalls)) + " stalled turns, none of them described"
}

// stallPlace is what the loop was in.
func stallPlace(s *exec.Stall) string {
	switch {
	case s.Function == "" && s.Kind == "":
		return "somewhere"
	case s.Function == "":
		return "in a " + s.Kind
	case s.Kind == "":
		return function(s.Function)
	}
	return s.Kind + " " + function(s.Function)
}

// stallThread is what its thread was doing. If others had the processor, that says more.
func stallThread(s *exec.Stall) string {
	if s.For > 0 && s.Preempted > s.For/2 {
		return fmt.Sprintf("others had the cpu for %s", span(s.Preempted))
	}
	if s.Thread == "" {
		return ""
	}
	return "thread " + s.Thread
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
