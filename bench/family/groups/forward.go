package groups

import (
	"errors"
	"fmt"
	"time"

	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/pools"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/place"
	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/internal/mem"
)

// job is a task that works, and is noted in the place of the loop that it runs on.
type job struct {
	*feeder
	m value
}

// Run does the work on the worker's loop, or on the feeder's: each has a place of its own.
func (j *job) Run(l *exec.Local) {
	j.work.do(j.m.Seq)
	p, skew := j.roll.Place(0), j.skew
	if l.Exec() == j.x {
		p, skew = j.roll.Place(1), 0
	}
	if j.due != nil {
		_, i := pools.Split(j.m)
		j.due.Done(0, i, mem.Ticks()-skew)
	}
	p.See(j.m)
	p.Show()
}

// feeder is a task that sends the jobs into a group from the loop of another Exec, and re-posts itself until all are
// done.
type feeder struct {
	x    *exec.Exec
	to   *group.Forwarder[exec.Task]
	jobs []job
	next int
	work spin
	roll *pools.Roll
	due  *ages.Schedule // when they are to be sent; nil: at once
	skew int64          // of the worker's clock

	start   time.Time
	elapsed time.Duration
	err     error
	done    chan struct{}
}

// feedAtOnce is how many jobs are sent in a turn: the loop has to see to its outbox, too.
const feedAtOnce = 32

func (f *feeder) Run(l *exec.Local) {
	if f.next == 0 {
		f.start = time.Now()
	}
	to := min(f.next+feedAtOnce, len(f.jobs))
	if f.due != nil && f.next < to {
		f.due.Begin()
		to = f.due.Ready(0, to)
	}
	for f.next < to {
		if err := f.to.Send(&f.jobs[f.next]); errors.Is(err, group.ErrFull) {
			break
		} else if err != nil {
			f.err = err
			close(f.done)
			return
		}
		f.next++
	}
	if f.next == len(f.jobs) && f.roll.Seen() == len(f.jobs) {
		f.elapsed = time.Since(f.start)
		if f.due != nil {
			f.due.End()
		}
		close(f.done)
		return
	}
	l.Spawn(f)
}

// forwarding is the run of a group that an Exec on the first cpu sends tasks to.
func forwarding(full group.Full) run {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		f := &feeder{jobs: make([]job, n)}
		err := f.forward(s, full)
		return measure.PerOp(f.elapsed, n), err
	}
}

// forwardingAged is the run in which tasks are sent when they are due.
func forwardingAged(full group.Full, load int) run {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		return ages.Load(n, 1, load, func(due *ages.Schedule) error {
			f := &feeder{jobs: make([]job, due.Len()), due: due}
			return f.forward(s, full)
		})
	}
}

// forward sends all jobs to a group.
func (f *feeder) forward(s measure.Spot, full group.Full) error {
	t := tight(full)
	defer pools.Procs(true, t.workers+t.producers)()
	f.skew = s.Skew()
	f.work, f.roll, f.done = spinOf(t.work), pools.NewRoll(2), make(chan struct{})
	for i := range f.jobs {
		f.jobs[i] = job{f, pools.Make(0, uint64(i))}
	}
	c := one(s, 0, exec.RunTasks)
	c.Depth, c.OnFull = t.depth, full
	err := running(c, f.feed(s))
	return errors.Join(err, f.err, f.roll.Err(1, len(f.jobs)))
}

// feed runs the feeder's Exec until all is done.
func (f *feeder) feed(s measure.Spot) func(*group.Group[exec.Task]) error {
	return func(g *group.Group[exec.Task]) (err error) {
		c := exec.Config{Name: "feeder", OnStart: func(l *exec.Local) (err error) {
			f.to, err = g.Forwarder(l)
			return err
		}}
		if s.WorkerCPU() != nil {
			c.CPUs = place.Of(s.CPUs[0])
		}
		if f.x, err = exec.New(c); err != nil {
			return err
		}
		if err := f.x.Start(); err != nil {
			return err
		}
		if !f.x.TrySend(f) {
			err = errors.New("the feeder's Exec refused its task")
		} else {
			select {
			case <-f.done:
			case <-time.After(patience):
				err = fmt.Errorf("data error: %d tasks of %d were done after %v",
					f.roll.Seen(), len(f.jobs), patience)
			}
		}
		f.x.Stop()
		return errors.Join(err, f.x.Wait())
	}
}

// patience is how long is waited for tasks that will not be done any more.
const patience = 30 * time.Second
