package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// stallLines are the last stall of a worker, with its stack.
func stallLines(x *exec.Snapshot, v *view) []line {
	s := x.LastStall
	if s == nil {
		return []line{{}, text("  "+noStall(x.Stalls), faint)}
	}
	what := "last stall"
	if s.HeldUp {
		what = "last held up"
	}
	out := []line{{}, joined(v.width, 2,
		line{{"  ", plainText}, {what, strong}},
		text(ago(v.shown.Time, s.Began), plainText),
		text(span(s.For), strong),
		text(stallPlace(s), plainText),
		text(stallThread(s), plainText),
	)}
	out = append(out, text("  began "+s.Began.Format(time.DateTime+".000"), faint))
	for l := range strings.Lines(strings.TrimSpace(s.Stack)) {
		l = strings.TrimRight(l, "\n")
		indent := "    "
		if strings.HasPrefix(l, " ") { // a file and a line, below the function
			indent, l = "      ", strings.TrimLeft(l, " ")
		}
		out = append(out, text(indent+l, plainText))
	}
	return out
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
	switch {
	case s.Thread == "ready":
		return "other goroutines had its processor"
	case s.HeldUp:
		return fmt.Sprintf("others had the cpu for %s", span(s.Preempted))
	case s.Thread == "":
		return ""
	}
	return "thread " + s.Thread
}
