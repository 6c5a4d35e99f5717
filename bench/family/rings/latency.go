package rings

import (
	"fmt"

	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/courier"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/queue"
	"github.com/pushcore/pushcore/internal/mem"
)

// latencyRows are a shape's: how old its elements get at each load, by the same implementations.
func latencyRows(kind string, s queue.Shape) (rows []measure.Row) {
	for _, load := range ages.Loads {
		s.Load = load
		r := measure.Row{
			Name:   fmt.Sprintf("%s/latency/load=%d", name(kind, s), load),
			Does:   latencyDoes(kind, s),
			Impls:  impls(kind, s),
			Full:   !standardLatency(kind, s),
			Amount: ages.Amount,
		}
		if !s.OneCore {
			r.Impls = append(r.Impls, measure.Floor("line-oneway", courier.LineOneWay))
		}
		if kind == "spsc" && plain(s) && s.Batch == 1 && !s.OneCore {
			for _, peer := range []string{"channel", "mutex-swap", "xsync"} {
				r.Wants = append(r.Wants, measure.Faster("pushcore", peer, 1))
			}
		}
		rows = append(rows, r)
	}
	return rows
}

// standardLatency says which rows are measured unless everything is asked for.
func standardLatency(kind string, s queue.Shape) bool {
	return kind == "spsc" && plain(s) && s.Batch == 1 && !s.OneCore && s.Load == ages.Loads[0]
}

// latencyDoes says what such a row does.
func latencyDoes(kind string, s queue.Shape) string {
	how := "a batch is what is due, at most that many"
	if s.Batch == 1 {
		how = "each sent when it is due"
	}
	return fmt.Sprintf("%s: from when an element is due until it is popped, at %d %% of what each takes; %s",
		does(kind, s), s.Load, how)
}

// aged returns the measurement of ages of what open makes in shape s. Elements are those of the throughput rows: their
// numbers say when they were due.
func aged[T element](s queue.Shape, open opener[T], of maker[T]) func(measure.Spot, int) (measure.Sample, error) {
	return func(at measure.Spot, n int) (measure.Sample, error) {
		return ages.Load(n, s.Producers, s.Load, func(due *ages.Schedule) error {
			if s.OneCore {
				return oneCoreAged(at, s, due, open(s), of(s.Drain()))
			}
			q, l := open(s), newLedger(s.Producers)
			from := make([]source[T], s.Producers)
			for p := range from {
				from[p] = of(s.Drain())
			}
			idle := func() {} // whose cpu nobody else needs
			if s.Producers > 1 {
				idle = func() { measure.GiveWay(at.Pinned) }
			}
			_, err := at.Crowd(s.Producers, func(p int) {
				produceDue(at.Poll(s.Producers+1), s, q, &from[p], due, p, idle)
			}, func() error {
				return consumeDue(at, s, q, l, due)
			})
			return err
		})
	}
}

// produceDue sends producer p's elements when they are due.
func produceDue[T element](
	wait measure.Poll, s queue.Shape, q ends[T], from *source[T], due *ages.Schedule, p int, idle func(),
) {
	_ = due.Send(p, s.Batch, idle, func(at, end int) error { // send's error, and it has none
		if q.place != nil {
			for at < end {
				k := q.place(number(p, at), end-at)
				wait.Took(k, end-at)
				at += k
			}
			return nil
		}
		vs := from.take(end - at)
		fill(vs, number(p, at))
		for len(vs) > 0 {
			k := q.push(vs)
			wait.Took(k, len(vs))
			vs = vs[k:]
		}
		return nil
	})
}

// consumeDue takes all elements, looks at each, and notes when it came. One that has a cpu for itself looks again after
// one PAUSE: with more of them, these would be what is measured.
func consumeDue[T element](at measure.Spot, s queue.Shape, q ends[T], l *ledger, due *ages.Schedule) error {
	n, wait := due.Len(), at.Poll(s.Producers+1)
	alone := s.Producers == 1
	dst := make([]T, s.Drain())
	if q.blocks {
		dst = dst[:1] // it would wait for all
	}
	for l.seen < n {
		vs := q.pop(dst[:min(len(dst), n-l.seen)])
		note(due, vs, mem.Ticks()-at.Skew())
		see(l, vs)
		if !alone {
			wait.Took(len(vs), len(dst))
		} else if len(vs) == 0 {
			mem.Pause()
		}
	}
	due.End()
	return l.err(n)
}

// oneCoreAged does both in one thread.
func oneCoreAged[T element](at measure.Spot, s queue.Shape, due *ages.Schedule, q ends[T], from source[T]) error {
	l, dst := newLedger(1), make([]T, s.Drain())
	_, err := at.Solo(func() error {
		err := due.Send(0, s.Batch, nil, func(i, end int) error {
			src := from.take(end - i)
			fill(src, number(0, i))
			k := q.both(src, dst[:len(src)])
			note(due, dst[:k], mem.Ticks())
			see(l, dst[:k])
			if k < len(src) {
				return fmt.Errorf("data error: %d of %d elements came back", k, len(src))
			}
			return nil
		})
		due.End()
		if err != nil {
			return err
		}
		return l.err(due.Len())
	})
	return err
}

// note notes that elements have come.
func note[T element](due *ages.Schedule, vs []T, now int64) {
	for i := range vs {
		v := vs[i][0]
		due.Done(int(v>>producerBit), int(v&countMask), now)
	}
}
