package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// heads are the two lines above the rows. The column that rows are sorted by has an arrow.
func (l *layout) heads(by order, reverse bool, interval time.Duration) [2]line {
	arrow := "▼"
	if (by.value == nil) != reverse {
		arrow = "▲"
	}
	name := func(id, s string, width int, pad func(string, int) string) piece {
		switch {
		case id != by.name:
		case id == orders[0].name:
			return piece{pad(s+arrow, width), strong}
		default:
			return piece{pad(arrow+s, width), strong}
		}
		return piece{pad(s, width), faint}
	}
	gap := piece{strings.Repeat(" ", l.gap), plainText}
	top := line{{strings.Repeat(" ", marks+l.name), faint}, gap, {strings.Repeat(" ", l.bar+figure), faint}}
	sub := line{{strings.Repeat(" ", marks), faint}, name("name", "worker", l.name, padRight), gap,
		name("busy", "busy", l.bar+figure, padLeft)}
	if l.trend > 0 {
		what := "last " + short(trendLength*interval)
		if len(what) > l.trend {
			what = "trend"
		}
		top = append(top, gap, piece{padRight("", l.trend), faint})
		sub = append(sub, gap, piece{padRight(what, l.trend), faint})
	}
	for i := 0; i < len(l.columns); {
		width, head := l.columns[i].width, l.columns[i].head
		sub = append(sub, gap, name(l.columns[i].id, l.columns[i].name, l.columns[i].width, padLeft))
		for i++; i < len(l.columns) && l.columns[i].head == head; i++ {
			width += l.gap + l.columns[i].width
			sub = append(sub, gap, name(l.columns[i].id, l.columns[i].name, l.columns[i].width, padLeft))
		}
		top = append(top, gap, piece{over(head, width), faint})
	}
	return [2]line{top, sub}
}

// over is a head above the names of its columns.
func over(head string, width int) string {
	if room := width - len(head) - 1; room >= 2 {
		return strings.Repeat("─", room) + " " + head
	}
	return padLeft(head, width)
}

// row is one worker.
func (l *layout) row(r *row, cursor bool, now time.Time) line {
	mark, name := piece{"  ", plainText}, plainText
	switch {
	case r.stalledLately(now):
		mark, name = piece{"! ", alarm}, alarm
	case !r.open:
		mark = piece{"= ", faint} // paused, or on its way out
	}
	if cursor {
		mark.text, name = "›"+mark.text[:1], chosen
		if mark.tone == plainText {
			mark.tone = chosen
		}
	}
	gap := piece{strings.Repeat(" ", l.gap), plainText}
	out := line{mark, {padRight(cutMiddle(r.label, l.name), l.name), name}, gap}
	out = append(out, l.busy(r)...)
	if l.trend > 0 {
		out = append(out, gap, piece{spark(r.trend.busy, r.trend.total, l.trend), graph})
	}
	for _, c := range l.columns {
		s := c.text(r)
		t := plainText
		switch {
		case quiet(s) || r.now.State == exec.StateEnded:
			t = faint
		case c.tone != nil:
			t = c.tone(r, now)
		}
		out = append(out, gap, piece{padLeft(s, c.width), t})
	}
	return out
}

// busy is the bar and its figure, or a word where there is none.
func (l *layout) busy(r *row) line {
	word := ""
	switch {
	case r.now.State == exec.StateEnded:
		word = "ended"
	case r.now.State == exec.StateMade && r.now.Turns == 0:
		word = "made"
	case r.fresh:
		word = "new"
	default:
		full, empty := bar(r.busy, l.bar)
		return line{{full, graph}, {empty, track}, {padLeft(percent(r.busy), figure), plainText}}
	}
	return line{{padLeft(word, l.bar+figure), faint}}
}

// once is a table of all columns for programs to read: words in columns, and a dash for what is not known.
func once(rows []row) string {
	width := len("WORKER")
	for i := range rows {
		width = max(width, len([]rune(word(rows[i].label))))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-*s %6s", width, "WORKER", "BUSY%")
	for _, c := range columns {
		fmt.Fprintf(&b, " %*s", max(c.width, len(c.once)), c.once)
	}
	for i := range rows {
		r := &rows[i]
		busy := "–"
		if !r.fresh {
			busy = fmt.Sprintf("%.1f", 100*r.busy)
		}
		fmt.Fprintf(&b, "\n%-*s %6s", width, word(r.label), busy)
		for _, c := range columns {
			fmt.Fprintf(&b, " %*s", max(c.width, len(c.once)), c.text(r))
		}
	}
	return strings.ReplaceAll(b.String(), "–", "-") + "\n"
}

// word is a name without spaces.
func word(s string) string { return strings.Join(strings.Fields(s), "_") }
