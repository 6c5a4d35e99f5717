// Package groups holds the rows about package group and its balancers, beside what a Go program would give its work to.
package groups

import "github.com/pushcore/pushcore/bench/internal/measure"

// Family lists the rows.
func Family() measure.Family {
	f := measure.Family{Name: "group", Does: "package group and its balancers beside worker pools"}
	for _, rows := range [][]measure.Row{
		valueRows(), taskRows(), balancerRows(), fullRows(), workRows(), sojournRows(), latencyRows(), pickRows(), stageRows(),
	} {
		f.Rows = append(f.Rows, rows...)
	}
	return f
}

// The runs of a row.
type run = func(s measure.Spot, n int) (measure.Sample, error)
