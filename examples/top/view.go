package main

import (
	"slices"
	"time"
)

// page is what fills the screen.
type page int

const (
	pageTable page = iota
	pageWorker
	pageHelp
)

// view is what there is to show and how: all that the screen depends on.
type view struct {
	url      string
	interval time.Duration
	now      time.Time

	shown  *sample // nil: there was no answer yet
	got    time.Time
	lost   error // of the last attempt; nil: it was answered
	since  time.Time
	paused bool

	order   int // of orders
	reverse bool
	group   string // "": all

	page   page
	cursor workerKey
	at     int // where the cursor was
	top    int // the first row, or line, that is shown
	width  int
	height int
}

// rows are those to be shown, in their order.
func (v *view) rows() []row {
	if v.shown == nil {
		return nil
	}
	rows := slices.DeleteFunc(slices.Clone(v.shown.rows), func(r row) bool {
		return v.group != "" && r.key.group.name != v.group
	})
	return sorted(rows, orders[v.order], v.reverse)
}

// groups are those to be shown.
func (v *view) groups() []groupRow {
	if v.shown == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(v.shown.groups), func(g groupRow) bool { return v.group != "" && g.name != v.group })
}

// chosen is the index of the worker with the cursor. If it is gone, it is that which has its place.
func (v *view) chosen(rows []row) int {
	if i := slices.IndexFunc(rows, func(r row) bool { return r.key == v.cursor }); i >= 0 {
		return i
	}
	return max(0, min(v.at, len(rows)-1))
}

// move puts the cursor some rows further, or scrolls a page that has none.
func (v *view) move(by int) {
	if v.page != pageTable {
		v.top = max(0, v.top+by)
		return
	}
	rows := v.rows()
	if len(rows) == 0 {
		return
	}
	v.at = max(0, min(v.chosen(rows)+by, len(rows)-1))
	v.cursor = rows[v.at].key
}

// nextGroup shows the next group only, or all.
func (v *view) nextGroup() {
	names := []string{""}
	if v.shown != nil {
		for _, g := range v.shown.groups {
			if !slices.Contains(names, g.name) {
				names = append(names, g.name)
			}
		}
	}
	v.group = names[(slices.Index(names, v.group)+1)%len(names)]
	v.top = 0
}

// open goes to a page, from its beginning.
func (v *view) open(p page) { v.page, v.top = p, 0 }

// window is the part of n lines that is shown in a height: it holds the line at, and moves no more than it must.
func window(n, height, top, at int) (from, to int) {
	top = max(0, min(top, n-height))
	if at < top {
		top = at
	}
	if at >= top+height {
		top = at - height + 1
	}
	return top, min(n, top+height)
}
