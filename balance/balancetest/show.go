package balancetest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pushcore/pushcore/balance"
)

// show describes a view in a message: "a view of 8 workers (open: 0-2,5)".
func show(v *balance.View) string {
	return fmt.Sprintf("a view of %d workers (open: %s)", v.N(), ranges(v.AppendOpen(nil)))
}

// ranges writes ascending numbers as "0-2,5".
func ranges(is []int) string {
	if len(is) == 0 {
		return "none"
	}
	var b strings.Builder
	for from := 0; from < len(is); {
		to := from
		for to+1 < len(is) && is[to+1] == is[to]+1 {
			to++
		}
		if from > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(is[from]))
		if to > from {
			b.WriteString("-" + strconv.Itoa(is[to]))
		}
		from = to + 1
	}
	return b.String()
}

// showPick writes a pick as a balancer's author would.
func showPick(i int) string {
	switch i {
	case balance.Full:
		return "Full"
	case noPick:
		return "no pick"
	}
	return strconv.Itoa(i)
}

// clone copies a view, memory and all.
func clone(v *balance.View) *balance.View {
	return &balance.View{
		Sent:   slices.Clone(v.Sent),
		Taken:  slices.Clone(v.Taken),
		Depth:  slices.Clone(v.Depth),
		Cap:    slices.Clone(v.Cap),
		Weight: slices.Clone(v.Weight),
		Open:   slices.Clone(v.Open),
		Now:    v.Now,
	}
}

// changed names the first field in which b differs from a, or "".
func changed(a, b *balance.View) string {
	switch {
	case !slices.Equal(a.Sent, b.Sent):
		return "Sent"
	case !slices.Equal(a.Taken, b.Taken):
		return "Taken"
	case !slices.Equal(a.Depth, b.Depth):
		return "Depth"
	case !slices.Equal(a.Cap, b.Cap):
		return "Cap"
	case !slices.Equal(a.Weight, b.Weight):
		return "Weight"
	case !slices.Equal(a.Open, b.Open):
		return "Open"
	case a.Now != b.Now:
		return "Now"
	}
	return ""
}
