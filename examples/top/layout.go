package main

import (
	"slices"

	"github.com/charmbracelet/x/ansi"
)

// layout says what a table of some width has room for.
type layout struct {
	width            int
	name, bar, trend int // cells; bar is without the figure beside it
	gap              int // between columns
	columns          []column
}

const (
	marks     = 2 // before the name: the cursor, and what is the matter
	figure    = 5 // beside a bar: " 100%"
	leastName = 6
	mostName  = 28
	mostTrend = trendLength / 2
	mostBar   = 20
)

// layOut finds the most columns that fit, and shares out what is left: to the names, the bars and the trends.
func layOut(width int, rows []row) layout {
	longest := leastName
	for i := range rows {
		longest = max(longest, ansi.StringWidth(rows[i].label))
	}
	longest = min(longest, mostName)
	l := layout{width: width, gap: 2, name: min(longest, 10), bar: 4, trend: 7}
	if width >= 100 { // a trend is worth more than the last columns
		l.bar, l.trend = 8, 20
	}
	if width < 80 {
		l.gap = 1
	}
	if width < 60 {
		l.name, l.bar, l.trend = min(longest, 8), 0, 5
	}
	if width < 40 {
		l.trend = 0
	}
	room := width - l.used()
	taken := map[string]bool{}
	for _, id := range precedence {
		c := columnCalled(id)
		if room < c.width+l.gap {
			break
		}
		room -= c.width + l.gap
		taken[id] = true
	}
	for _, c := range columns {
		if taken[c.once] {
			l.columns = append(l.columns, c)
		}
	}
	room = l.grow(&l.name, longest, room)
	if l.trend > 0 {
		room = l.grow(&l.bar, 10, room)
		room = l.grow(&l.trend, mostTrend, room)
		l.grow(&l.bar, mostBar, room)
	}
	return l
}

// used is the width of what stands before the columns.
func (l *layout) used() int {
	n := marks + l.name + l.gap + l.bar + figure
	if l.trend > 0 {
		n += l.gap + l.trend
	}
	return n
}

// grow makes something wider, up to a limit, and returns the room that is left.
func (l *layout) grow(what *int, most, room int) int {
	more := max(0, min(most-*what, room))
	*what += more
	return room - more
}

func columnCalled(id string) column {
	return columns[slices.IndexFunc(columns, func(c column) bool { return c.once == id })]
}
