package main

import (
	"fmt"
	"strings"
	"time"
)

// A screen that is smaller shows nothing but that.
const (
	leastWidth  = 30
	leastHeight = 8
)

// lines are the screen: no more than v.height, none wider than v.width.
func (v *view) lines() []line {
	if v.width < leastWidth || v.height < leastHeight {
		return []line{text(fmt.Sprintf("%dx%d at least", leastWidth, leastHeight), plainText).cut(max(v.width, 1))}
	}
	head := []line{v.title(), v.notice()}
	foot := []line{v.keys()}
	var body []line
	switch height := v.height - len(head) - len(foot); {
	case v.page == pageHelp:
		body = v.scrolled(helpLines(v.width), height)
	case v.shown == nil:
		body = []line{{}, text("  waiting for "+v.url, plainText)}
	case v.page == pageWorker:
		body = v.scrolled(v.worker(), height)
	default:
		body = v.table(height)
	}
	for len(body) < v.height-len(head)-len(foot) {
		body = append(body, line{})
	}
	all := append(append(head, body...), foot...)
	for i := range all {
		all[i] = all[i].cut(v.width)
	}
	return all
}

// title names the program.
func (v *view) title() line {
	left := text(" pushcore top ", title)
	if v.shown == nil {
		return left.cut(v.width)
	}
	s := v.shown
	about := joined(v.width-left.width()-2, 2,
		text(s.Program, strong),
		text(fmt.Sprintf("pid %d", s.PID), plainText),
		text("up "+age(s.Uptime), plainText),
		text(fmt.Sprintf("GOMAXPROCS %d", s.GOMAXPROCS), plainText),
		text(s.Go, faint),
	)
	line := append(append(left, piece{"  ", plainText}), about...)
	return apart(v.width, line, text("every "+short(v.interval), faint))
}

// notice is what keeps the figures from being of now.
func (v *view) notice() line {
	switch {
	case v.lost != nil && v.shown == nil:
		return joined(v.width, 2, text(" NO ANSWER ", alarm), text(v.lost.Error(), plainText))
	case v.lost != nil:
		l := joined(v.width, 2, text(fmt.Sprintf(" LOST for %s ", age(v.now.Sub(v.since))), alarm), v.pausedText(),
			text("figures are of "+v.got.Format(time.TimeOnly), plainText))
		if room := v.width - l.width() - 2; room > 10 {
			l = append(l, piece{"  ", plainText})
			l = append(l, text(v.lost.Error(), plainText).cut(room)...)
		}
		return l
	case v.paused:
		return joined(v.width, 2, v.pausedText(), text("figures are of "+v.got.Format(time.TimeOnly), plainText))
	}
	return nil
}

func (v *view) pausedText() line {
	if !v.paused {
		return nil
	}
	return text(" PAUSED ", warn)
}

// table is the groups, the workers and the last stall.
func (v *view) table(height int) []line {
	rows := v.rows()
	l := layOut(v.width, rows)
	var out []line
	if height >= 9 { // else workers need the room
		out = v.groupLines(height / 3)
	}
	heads := l.heads(orders[v.order], v.reverse, v.interval)
	out = append(out, heads[0], heads[1])
	room := max(height-len(out)-1, 1)
	if len(rows) == 0 {
		why := "  no workers"
		if v.group != "" {
			why = fmt.Sprintf("  no group %q: g shows the next one", v.group)
		}
		out = append(out, text(why, plainText))
	}
	at := v.chosen(rows)
	from, to := window(len(rows), room, v.top, at)
	v.top = from
	for i := from; i < to; i++ {
		out = append(out, l.row(&rows[i], i == at, v.shown.Time))
	}
	for len(out) < height-1 {
		out = append(out, line{})
	}
	where := line{}
	if to-from < len(rows) {
		where = text(fmt.Sprintf("%d–%d of %d", from+1, to, len(rows)), faint)
	}
	left := v.width
	if len(where) > 0 {
		left -= where.width() + 2
	}
	return append(out, apart(v.width, v.lastStall(rows, left), where))
}

// scrolled is the part of some lines that is shown.
func (v *view) scrolled(all []line, height int) []line {
	v.top = max(0, min(v.top, len(all)-height))
	out := all[v.top:min(len(all), v.top+height)]
	if below := len(all) - v.top - height; below > 0 {
		out = append(append([]line{}, out[:height-1]...), text(fmt.Sprintf("  … %d more lines below", below+1), faint))
	}
	return out
}

// short writes an interval without parts that are nothing: 1m, not 1m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
