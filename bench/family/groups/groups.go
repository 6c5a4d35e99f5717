// Package groups holds the rows about package group and its balancers, beside what a Go program would give its work to.
package groups

import (
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/message"
)

// Family lists the rows.
func Family() measure.Family {
	f := measure.Family{Name: "group", Does: "package group and its balancers beside worker pools"}
	for _, rows := range [][]measure.Row{
		valueRows(), taskRows(), balancerRows(), fullRows(), workRows(), {parkedRow()}, pickRows(), stageRows(),
	} {
		f.Rows = append(f.Rows, rows...)
	}
	return f
}

type (
	// value is what most rows send.
	value = message.Message
	// run is the work of an implementation.
	run = func(s measure.Spot, n int) (measure.Sample, error)
)
