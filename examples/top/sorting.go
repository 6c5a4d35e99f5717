package main

import (
	"cmp"
	"slices"

	"github.com/pushcore/pushcore/exec"
)

// order is one way to sort rows. By name it is as the program lists them, by all others from the largest.
type order struct {
	name  string
	value func(*row) float64 // nil: by name
}

var orders = []order{
	{"name", nil},
	{"busy", func(r *row) float64 { return r.busy }},
	{"work", (*row).work},
	{"queue", func(r *row) float64 { return float64(r.now.Depth) }},
	{"delay", func(r *row) float64 { return float64(r.delay.Quantile(.99)) }},
	{"run", func(r *row) float64 { return float64(r.run.Quantile(.99)) }},
	{"rejects", func(r *row) float64 { return r.rate(func(s *exec.Snapshot) uint64 { return s.Rejects }) }},
	{"stalls", func(r *row) float64 { return float64(r.now.Stalls) }},
}

// orderNames lists them.
func orderNames() (names []string) {
	for _, o := range orders {
		names = append(names, o.name)
	}
	return names
}

// sorted returns the rows in an order; those that are equal stay as they came.
func sorted(rows []row, by order, reverse bool) []row {
	rows = slices.Clone(rows)
	if by.value == nil {
		if reverse {
			slices.Reverse(rows)
		}
		return rows
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		if reverse {
			return cmp.Compare(by.value(&a), by.value(&b))
		}
		return cmp.Compare(by.value(&b), by.value(&a))
	})
	return rows
}
