package measure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"time"
)

// buildTime is how much longer the first measurement of a program may take, which may have to be built.
const buildTime = 10 * time.Minute

// Session is one run of a program that measures.
type Session struct {
	CPUs   [2]int
	Rounds int
	Raw    io.Writer // gets every sample as it is taken, in the format of benchstat
	// Progress, if not nil, is told what is done of all there is to do, and what comes next.
	Progress func(Progress)
	Skew     int64 // what the second cpu's cycle counter is ahead of the first's, as Probe has found
	// Limit is how much longer one measurement may take than its row says. Beyond that Hung is called, as Watch says, with
	// what was found and where it hangs. Where Hung is nil, nobody watches.
	Limit time.Duration
	Hung  func(all []Measured, err error)
}

// Progress is how far a session is. Times are what the rows say of themselves.
type Progress struct {
	Done, Total   time.Duration
	Round, Rounds int    // from 1 on; 0 is the round that finds the amounts of work
	Next          string // "" at the end
}

// Run measures the rows, until ctx ends; then it returns ErrInterrupted. An implementation that fails is left out from
// then on, and its error is among those that Run returns, with what was found of all others.
func (s *Session) Run(ctx context.Context, rows []Row) (all []Measured, err error) {
	steps := s.plan(rows)
	at := Progress{Rounds: s.Rounds}
	for _, r := range rows {
		m := Measured{Row: r}
		for _, im := range r.Impls {
			m.Series = append(m.Series, &Series{Impl: im})
		}
		all = append(all, m)
	}
	for _, st := range steps {
		at.Total += st.takes(rows) * time.Duration(len(rows[st.row].Impls))
	}
	var failures []error
	for _, st := range steps {
		m := all[st.row]
		for i := range m.Series {
			// Each round begins with another one: what comes first, or behind somebody, may have it easier.
			one := m.Series[(i+max(st.round, 0))%len(m.Series)]
			if ctx.Err() != nil {
				return all, errors.Join(append(failures, ErrInterrupted)...)
			}
			at.Round, at.Next = st.round+1, m.Name+" "+one.Label()
			s.progress(at)
			at.Done += st.takes(rows)
			if one.Skipped != nil || one.Failed != nil {
				continue
			}
			err := s.step(all, m.Row, one, st.round)
			if err != nil && ctx.Err() != nil { // programs that it runs have been interrupted, too
				return all, errors.Join(append(failures, ErrInterrupted)...)
			}
			if err != nil {
				failures = append(failures, err)
			}
		}
	}
	at.Next = ""
	s.progress(at)
	return all, errors.Join(failures...)
}

func (s *Session) progress(p Progress) {
	if s.Progress != nil {
		s.Progress(p)
	}
}

// ErrInterrupted is what Run returns when its context has ended.
var ErrInterrupted = errors.New("interrupted")

// step is one row's part of one round; round -1 finds the amounts of work.
type step struct{ row, round int }

// takes is how long one implementation takes, about.
func (st step) takes(rows []Row) time.Duration {
	const tries = 3 // that it takes to find an amount
	switch r := rows[st.row]; {
	case st.round >= 0:
		return r.takes()
	case r.Amount > 0:
		return 0
	default:
		return tries * r.takes()
	}
}

func (s *Session) plan(rows []Row) (steps []step) {
	for round := -1; round < s.Rounds; round++ {
		for i, r := range rows {
			if round < r.RoundsOf(s.Rounds) {
				steps = append(steps, step{i, round})
			}
		}
	}
	return steps
}

func (s *Session) spot(i Impl) Spot { return Spot{CPUs: s.CPUs, Pinned: i.Pinned, skew: s.Skew} }

// step takes one sample and writes its line, or finds how much work to do.
func (s *Session) step(all []Measured, r Row, one *Series, round int) (err error) {
	name := r.Name + "/" + one.Label()
	defer func() {
		if errors.Is(err, ErrSkip) {
			one.Skipped = err
			fmt.Fprintf(s.Raw, "# %s: %v\n", name, err)
			err = nil
		} else if err != nil {
			one.Failed = err
			fmt.Fprintf(s.Raw, "# %s FAILED: %v\n", name, err)
			err = fmt.Errorf("%s: %w", name, err)
		}
	}()
	watch := func(f func() error) error {
		limit := s.Limit + r.Takes
		if one.Program && len(one.Samples) == 0 {
			limit += buildTime
		}
		if s.Hung == nil {
			limit = math.MaxInt64
		}
		return Watch(limit, func() {
			one.Failed = fmt.Errorf("hung: it had not come back after %v, and the run ended there", limit)
			s.Hung(all, fmt.Errorf("%s: %w", name, one.Failed))
		}, f)
	}
	if round < 0 {
		one.n, err = s.amount(r, one.Impl, watch)
		return err
	}
	var trip, got Sample
	err = watch(func() (err error) {
		if trip, err = LineRoundTrip(s.spot(Impl{Pinned: true}), quickTrips); err != nil {
			return err
		}
		runtime.GC() // everyone starts with a clean heap, nobody pays for the one before
		got, err = one.Run(s.spot(one.Impl), one.n)
		return err
	})
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
	fmt.Fprintf(s.Raw, "Benchmark%s/%s %.0f", r.Name, one.key(), items)
	for _, m := range got.Metrics {
		fmt.Fprintf(s.Raw, " %.6g %s", m.Value, m.Unit)
	}
	fmt.Fprintln(s.Raw)
	return nil
}
