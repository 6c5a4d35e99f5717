package main

import (
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
	out := []line{{}, joined(v.width, 2,
		line{{"  ", plainText}, {"last stall", strong}},
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
