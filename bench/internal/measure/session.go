package measure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"time"

	"github.com/pushcore/pushcore/bench/internal/stat"
)

// unitTime is how long one measurement should take: long against its start-up, short against the machine's moods, so
// that what is compared meets the same one.
const unitTime = 30 * time.Millisecond

// Session is one run of a program that measures.
type Session struct {
	CPUs   [2]int
	Rounds int
	Raw    io.Writer // gets every sample as it is taken, in the format of benchstat
	// Progress, if not nil, is told what is done of all there is to do, and what comes next.
	Progress func(done, total int, next string)
	Skew     int64 // what the second cpu's cycle counter is ahead of the first's, as Probe has found
}

// Series are the samples of one implementation.
type Series struct {
	Impl
	Samples []Sample
	Rounds  []int     // the round of each sample
	Trips   []float64 // what a cache line took there and back just before each sample, in ns; 0 where nobody looked
	Skipped error     // why there are none, or no more

	n int
}

// Measured is a row with what was found.
type Measured struct {
	Row
	Series []*Series
}

// Run measures the rows, until ctx ends. What was found until an error is returned with it.
func (s *Session) Run(ctx context.Context, rows []Row) (all []Measured, err error) {
	steps := s.plan(rows)
	total := 0
	for _, r := range rows {
		m := Measured{Row: r}
		for _, im := range r.Impls {
			m.Series = append(m.Series, &Series{Impl: im})
			total += 1 + s.roundsOf(r)
		}
		all = append(all, m)
	}
	done := 0
	for _, st := range steps {
		m := all[st.row]
		for i := range m.Series {
			// Each round begins with another one: what comes first, or behind somebody, may have it easier.
			one := m.Series[(i+max(st.round, 0))%len(m.Series)]
			if ctx.Err() != nil {
				return all, ErrInterrupted
			}
			if s.Progress != nil {
				s.Progress(done, total, m.Name+" "+one.Label())
			}
			done++
			if one.Skipped != nil {
				continue
			}
			if err := s.step(m.Row, one, st.round); err != nil {
				if ctx.Err() != nil { // programs that it runs have been interrupted, too
					err = ErrInterrupted
				}
				return all, err
			}
		}
	}
	if s.Progress != nil {
		s.Progress(total, total, "")
	}
	return all, nil
}

// ErrInterrupted is what Run returns when its context has ended.
var ErrInterrupted = errors.New("interrupted")

// step is one row's part of one round; round -1 finds the amounts of work.
type step struct{ row, round int }

func (s *Session) plan(rows []Row) (steps []step) {
	for round := -1; round < s.Rounds; round++ {
		for i, r := range rows {
			if round < s.roundsOf(r) {
				steps = append(steps, step{i, round})
			}
		}
	}
	return steps
}

func (s *Session) roundsOf(r Row) int {
	if r.Rounds > 0 {
		return min(r.Rounds, s.Rounds)
	}
	return s.Rounds
}

func (s *Session) spot(i Impl) Spot { return Spot{CPUs: s.CPUs, Pinned: i.Pinned, skew: s.Skew} }

// step takes one sample and writes its line, or finds how much work to do.
func (s *Session) step(r Row, one *Series, round int) (err error) {
	defer func() {
		if errors.Is(err, ErrSkip) {
			one.Skipped = err
			fmt.Fprintf(s.Raw, "# %s/%s: %v\n", r.Name, one.Label(), err)
			err = nil
		} else if err != nil {
			err = fmt.Errorf("%s/%s: %w", r.Name, one.Label(), err)
		}
	}()
	if round < 0 {
		one.n, err = s.amount(r, one.Impl)
		return err
	}
	trip, err := LineRoundTrip(s.spot(Impl{Pinned: true}), quickTrips)
	if err != nil {
		return err
	}
	runtime.GC() // everyone starts with a clean heap, nobody pays for the one before
	got, err := one.Run(s.spot(one.Impl), one.n)
	if err != nil {
		return err
	}
	for _, m := range got.Metrics {
		if math.IsNaN(m.Value) || math.IsInf(m.Value, 0) {
			return fmt.Errorf("data error: %v %s is no figure", m.Value, m.Unit)
		}
	}
	one.Samples = append(one.Samples, got)
	one.Rounds = append(one.Rounds, round)
	one.Trips = append(one.Trips, trip.Value())
	items := got.Items
	if items == 0 {
		items = float64(one.n)
	}
	fmt.Fprintf(s.Raw, "Benchmark%s/impl=%s %.0f", r.Name, one.Label(), items)
	for _, m := range got.Metrics {
		fmt.Fprintf(s.Raw, " %.6g %s", m.Value, m.Unit)
	}
	fmt.Fprintln(s.Raw)
	return nil
}

// amount finds how much work takes unitTime, without the start of threads where the sample tells. It believes the
// quickest of three tries: one that another process interrupts makes little work look like plenty.
func (s *Session) amount(r Row, im Impl) (int, error) {
	if r.Amount > 0 {
		return r.Amount, nil
	}
	for n := AmountStep; ; n *= 4 {
		quickest := time.Hour
		for range 3 {
			start := time.Now()
			got, err := im.Run(s.spot(im), n)
			if err != nil {
				return 0, err
			}
			took := time.Since(start)
			if got.Metrics[0].Unit == NsPerOp {
				took = time.Duration(got.Value() * float64(n))
			}
			if quickest = min(quickest, took); quickest < unitTime/64 {
				break // far too little, whoever interrupted it
			}
		}
		if quickest > unitTime/6 {
			return max(r.Least, roundUp(int(float64(n)*float64(unitTime)/float64(quickest)))), nil
		}
	}
}

// AmountStep divides every amount of work, so that batches come out even.
const AmountStep = 256

func roundUp(n int) int { return max(1, (n+AmountStep-1)/AmountStep) * AmountStep }

// Values returns one metric of all samples; the empty unit is the first one's.
func (m *Series) Values(unit string) (vs []float64) {
	for _, s := range m.Samples {
		if v, ok := s.Of(unit); ok {
			vs = append(vs, v)
		}
	}
	return vs
}

// Median returns the median of one metric; the empty unit is the first one's. There must be a sample.
func (m *Series) Median(unit string) float64 { return stat.Median(m.Values(unit)) }

// Best returns the variant of the named implementation with the best median of one metric (the empty unit is the first
// one's): a peer is quoted where it is at home, and so are we.
func (m Measured) Best(name, unit string) (b *Series) {
	for _, one := range m.Series {
		if one.Name != name || len(one.Values(unit)) == 0 {
			continue
		}
		if b == nil || one.Median(unit) != b.Median(unit) && (one.Median(unit) > b.Median(unit)) == More(unit) {
			b = one
		}
	}
	return b
}
