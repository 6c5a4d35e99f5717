// Package measure takes measurements in rounds: the same work done by several implementations in turn, A B C A B C,
// because the figures of a shared machine drift by more than the differences of interest. What counts is the ratio
// within a round.
package measure

import (
	"cmp"
	"errors"
	"strings"
	"time"
)

// Family is a chapter of the table.
type Family struct {
	Name string // "ring", as -run names it: every row's name begins with it, but for its case
	Does string // for people, in a line
	Rows []Row
	End  func() error // gives back what the rows share (programs that were built or started); may be nil
}

// End ends all of them, and returns what went wrong.
func End(families []Family) (err error) {
	for _, f := range families {
		if f.End != nil {
			err = errors.Join(err, f.End())
		}
	}
	return err
}

// Row is one line of the table: the same work done by several implementations.
type Row struct {
	Name   string // "Ring/SPSC/batch=8", stable: benchstat compares by it
	Does   string // for people, in a line; may be empty
	Impls  []Impl
	Wants  []Want
	Full   bool          // only in the full set, not in the standard one
	Slow   bool          // takes seconds, however little it is asked for
	Rounds int           // at most so many, for what takes seconds; 0: as many as asked for
	Amount int           // fixed amount of work; 0: as much as takes unitTime
	Least  int           // at least so much, however long that takes: one iteration of the row's shape
	Takes  time.Duration // about so long for one measurement; 0: unitTime
	Few    int           // bench/ci asks for so many, where an item takes long; 0: more
}

// RoundsOf returns how many rounds the row takes part in, of those that are asked for.
func (r Row) RoundsOf(asked int) int { return min(cmp.Or(r.Rounds, asked), asked) }

// takes is how long one measurement takes, about, with what surrounds it.
func (r Row) takes() time.Duration {
	const around = 15 * time.Millisecond
	return cmp.Or(r.Takes, unitTime) + around
}

// Impl is one implementation. Those that share a name are variants of one peer: all are shown, the best is compared.
type Impl struct {
	Name    string
	Variant string // "", "unpinned", "procs=1", ...
	Pinned  bool
	Own     bool   // this project's, not a peer
	Floor   bool   // what the machine takes by itself: something to measure by, not a peer
	Program bool   // runs a program, which must be built first
	Note    string // how a reader would run it, where it is a program; may be empty
	// Run does n items of work at s, looks whether they were done right, and says how long it took.
	Run func(s Spot, n int) (Sample, error)
}

// Label names an implementation within its row.
func (i Impl) Label() string {
	if i.Variant == "" {
		return i.Name
	}
	return i.Name + "-" + i.Variant
}

// Sample is what one measurement found.
type Sample struct {
	// Metrics has at least one element. Variants are compared by the first; there, less is better.
	Metrics []Metric
	Items   float64 // what was done, where it is not the amount that was asked for
}

// Metric is one figure and its unit.
type Metric struct {
	Value float64
	Unit  string
}

// More says of a unit that more is better: it is a rate, or a share of what was asked for.
func More(unit string) bool {
	return strings.HasSuffix(unit, "/s") || strings.HasPrefix(unit, "achieved")
}

// NsPerOp is the unit of most rows.
const NsPerOp = "ns/op"

// Value returns the first metric's value.
func (s Sample) Value() float64 { return s.Metrics[0].Value }

// Of returns the metric that has this unit; the empty unit is the first metric's.
func (s Sample) Of(unit string) (v float64, ok bool) {
	for _, m := range s.Metrics {
		if m.Unit == unit || unit == "" {
			return m.Value, true
		}
	}
	return 0, false
}

// Of makes a sample of one figure.
func Of(v float64, unit string) Sample { return Sample{Metrics: []Metric{{v, unit}}} }

// PerOp makes a sample of the time that n items took together.
func PerOp(d time.Duration, n int) Sample {
	return Sample{Metrics: []Metric{{float64(d) / float64(n), NsPerOp}}, Items: float64(n)}
}

// ErrSkip says, wrapped, that a measurement is impossible here, and why; the row is shown without it.
var ErrSkip = errors.New("not measured here")

// Each returns f pinned to the two cpus and f left to the scheduler.
func Each(name string, f func(s Spot, n int) (Sample, error)) []Impl {
	return []Impl{{Name: name, Run: f, Pinned: true}, {Name: name, Variant: "unpinned", Run: f}}
}

// EachOurs returns f, which is this project's, in the same two ways.
func EachOurs(name string, f func(s Spot, n int) (Sample, error)) []Impl {
	all := Each(name, f)
	for i := range all {
		all[i].Own = true
	}
	return all
}

// Ours returns f, which is this project's, pinned.
func Ours(name string, f func(s Spot, n int) (Sample, error)) Impl {
	return Impl{Name: name, Run: f, Pinned: true, Own: true}
}

// Peer returns f pinned, for what makes no sense otherwise.
func Peer(name string, f func(s Spot, n int) (Sample, error)) Impl {
	return Impl{Name: name, Run: f, Pinned: true}
}

// Floor returns f, which shows what the machine takes by itself, pinned.
func Floor(name string, f func(s Spot, n int) (Sample, error)) Impl {
	return Impl{Name: name, Run: f, Pinned: true, Floor: true}
}

// Join makes one list of single implementations and lists of them.
func Join(parts ...any) (all []Impl) {
	for _, p := range parts {
		switch p := p.(type) {
		case Impl:
			all = append(all, p)
		case []Impl:
			all = append(all, p...)
		default:
			panic("measure: Join was given neither an Impl nor a list of them")
		}
	}
	return all
}

// key is how benchstat names the implementation, so that it can project by its name and by its variant.
func (i Impl) key() string {
	variant := i.Variant
	if variant == "" {
		variant = "plain"
		if i.Pinned {
			variant = "pinned"
		}
	}
	return "impl=" + i.Name + "/variant=" + variant
}

// Capacity is what every queue of the table holds.
const Capacity = 4096

// Drain is how much a consumer takes at once when the producer sends one at a time.
const Drain = 64
