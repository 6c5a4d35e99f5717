package execs

import (
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/internal/mem"
)

// This file measures what it costs that an Exec measures itself: the same work with Config.NoStats and without, tasks
// that take 100 ns each by the cycle counter.

// A statsShape makes x call work n times, on its loop, and may return before it has.
type statsShape func(s measure.Spot, x *exec.Exec, n int, work func()) error

func statsRows() (rows []measure.Row) {
	for _, r := range []struct {
		name, does string
		shape      statsShape
	}{
		{"local", "a task of 100 ns that re-posts itself", statsLocal},
		{"lane", "tasks of 100 ns that come through a lane, 32 at a time", statsLane},
		{"turns", "a source that works for 100 ns in each turn, the most there is to count for each", statsTurns},
	} {
		rows = append(rows, measure.Row{
			Name:  "Exec/stats/" + r.name,
			Does:  r.does + "; beside an Exec that does not measure itself",
			Impls: measure.Join(measure.Ours("pushcore", withStats(r.shape, false)), measure.Ours("pushcore-nostats", withStats(r.shape, true))),
			Wants: []measure.Want{measure.Within("pushcore", "pushcore-nostats", 1.02)},
		})
	}
	return rows
}

func withStats(shape statsShape, without bool) run {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		var elapsed time.Duration
		err := start(s, exec.Config{Spin: exec.SpinForever, NoStats: without}, func(x *exec.Exec) error {
			hundred := ticksOf(100 * time.Nanosecond)
			var began time.Time
			done := make(chan struct{})
			ran := 0
			err := shape(s, x, n, func() {
				if ran == 0 {
					began = time.Now()
				}
				for t := mem.Ticks(); mem.Ticks()-t < hundred; {
				}
				if ran++; ran == n {
					elapsed = time.Since(began)
					close(done)
				}
			})
			if err == nil {
				<-done
			}
			return err
		})
		return measure.PerOp(elapsed, n), err
	}
}

func ticksOf(d time.Duration) int64 {
	const unit = 1 << 20
	return int64(float64(d) * unit / float64(mem.TicksDuration(unit)))
}

func statsLocal(_ measure.Spot, x *exec.Exec, n int, work func()) error {
	var again exec.Func
	again = func(l *exec.Local) {
		work()
		if n--; n > 0 {
			l.Spawn(again)
		}
	}
	x.TrySend(again)
	return nil
}

func statsLane(s measure.Spot, x *exec.Exec, n int, work func()) error {
	lane, err := x.Lane()
	if err != nil {
		return err
	}
	defer lane.Close()
	batch := make([]exec.Task, 32)
	for i := range batch {
		batch[i] = exec.Func(func(*exec.Local) { work() })
	}
	_, err = s.On(0, func() error {
		for wait := (measure.Poll{}); n > 0; {
			k := lane.PushBatch(batch[:min(n, len(batch))])
			n -= k
			wait.Took(k, len(batch))
		}
		return nil
	})
	return err
}

func statsTurns(_ measure.Spot, x *exec.Exec, n int, work func()) error {
	x.TrySend(exec.Func(func(l *exec.Local) { l.AddSource(&oneEach{n, work}) }))
	return nil
}

// oneEach is a Source that works once in each turn.
type oneEach struct {
	left int
	work func()
}

func (o *oneEach) Poll(*exec.Local, int) int {
	if o.left == 0 {
		return 0
	}
	o.left--
	o.work()
	return 1
}

func (o *oneEach) Next() (time.Duration, bool) { return 0, false }
