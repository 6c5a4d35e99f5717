package fake

import (
	"time"

	"github.com/pushcore/pushcore/group/debug"
)

// Shop is a program with three groups of workers, some of them busier than others.
func Shop() func() debug.Report {
	groups := []debug.Source{
		&Group{Name: "clients", Balancer: "leastloaded", Levels: []float64{.85, .8, .9, .75}, Rate: 400_000, Stalls: -1},
		&Group{Name: "orders", Balancer: "maglev", Levels: []float64{.5, 1.05, .4, .55}, Rate: 250_000, Stalls: 1},
		&Group{Name: "log", Levels: []float64{.12}, Rate: 90_000, Stalls: -1},
	}
	begun := time.Now().Add(-97 * time.Minute)
	return func() debug.Report { return Report("shop", 48_203, time.Since(begun), groups...) }
}
