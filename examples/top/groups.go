package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/pushcore/pushcore/group"
)

// groupColumn is one figure of a group.
type groupColumn struct {
	name  string
	width int
	text  func(*groupRow) string
	alert bool // it is better if there is none
}

var groupColumns = []groupColumn{
	{"workers", 7, func(g *groupRow) string {
		if g.open == g.all {
			return fmt.Sprint(g.all)
		}
		return fmt.Sprintf("%d of %d", g.open, g.all)
	}, false},
	{"busy", 5, known(func(g *groupRow) string { return percent(g.busy) }), false},
	{"accept/s", 8, known(func(g *groupRow) string {
		if g.fromSources {
			return "–"
		}
		return count(g.accepted)
	}), false},
	{"work/s", 6, known(func(g *groupRow) string { return count(g.work) }), false},
	{"reject/s", 8, known(func(g *groupRow) string { return count(g.rejected) }), true},
	{"imbalance", 9, known(func(g *groupRow) string { return ratio(g.unevenness()) }), false},
	{"of time", 7, known(func(g *groupRow) string { return ratio(g.imbalance.Busy) }), false},
	{"fail/s", 6, known(func(g *groupRow) string { return count(g.failed) }), true},
}

func known(f func(*groupRow) string) func(*groupRow) string {
	return func(g *groupRow) string {
		if g.fresh {
			return "–"
		}
		return f(g)
	}
}

// beforeBalancer is how many of the columns come first, where there is little room.
const beforeBalancer = 6

// groupLines are the table of groups, in no more lines than most, and an empty one.
func (v *view) groupLines(most int) []line {
	groups := v.groups()
	if len(groups) == 0 {
		return nil
	}
	const gap = 2
	name, balancer := 5, 8
	for _, g := range groups {
		name, balancer = max(name, ansi.StringWidth(g.name)), max(balancer, ansi.StringWidth(balancerName(g.balancer)))
	}
	name, balancer = min(name, 12), min(balancer, 14)
	room := v.width - marks - name
	columns := groupColumns
	for i, c := range columns {
		if i == beforeBalancer {
			if balancer = min(balancer, room-gap); balancer < 8 {
				balancer = 0
			} else {
				room -= gap + balancer
			}
		}
		if room < gap+c.width {
			columns = columns[:i]
			if i < beforeBalancer {
				balancer = 0
			}
			break
		}
		room -= gap + c.width
	}
	if balancer > 0 && room < 8 { // so that it ends where the workers do
		balancer += room
	}
	head := "  " + padRight("group", name)
	if balancer > 0 {
		head += "  " + padRight("balancer", balancer)
	}
	for _, c := range columns {
		head += "  " + padLeft(c.name, c.width)
	}
	out := []line{text(head, faint)}
	for i := range groups {
		if len(out) >= max(most-1, 2) && i < len(groups)-1 {
			out = append(out, joined(v.width, 2,
				text(fmt.Sprintf("  … %d more groups", len(groups)-i), faint), text("(g shows them one by one)", faint)))
			break
		}
		g := &groups[i]
		l := line{{"  ", plainText}, {padRight(g.name, name), strong}}
		if balancer > 0 {
			b := balancerName(g.balancer)
			l = append(l, piece{"  " + padRight(b, balancer), plainText})
		}
		for _, c := range columns {
			s, t := c.text(g), plainText
			switch {
			case quiet(s):
				t = faint
			case c.alert:
				t = warn
			}
			l = append(l, piece{"  ", plainText}, piece{padLeft(s, c.width), t})
		}
		out = append(out, l)
	}
	return append(out, line{})
}

// balancerName is without what all of package balance have.
func balancerName(s string) string {
	if s == "" {
		return "–"
	}
	return strings.TrimPrefix(strings.TrimPrefix(s, "*"), "balance.")
}

// groupList is the names of groups, for an error.
func groupList(groups []group.Snapshot) string {
	if len(groups) == 0 {
		return "none"
	}
	var names []string
	for _, g := range groups {
		names = append(names, strconv.Quote(g.Name))
	}
	return strings.Join(names, ", ")
}
