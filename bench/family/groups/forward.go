package groups

import (
	"errors"
	"fmt"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/pools"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/place"
	"github.com/pushcore/pushcore/group"
)

// job is a task that works, and is noted in the place of the loop that it runs on.
type job struct {
	*feeder
	m value
}

// Run does the work on the worker's loop, or on the feeder's: each has a place of its own.
func (j *job) Run(l *exec.Local) {
	j.work.do(j.m.Seq)
	p := j.roll.Place(0)
	if l.Exec() == j.x {
		p = j.roll.Place(1)
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
	for k := 0; k < feedAtOnce && f.next < len(f.jobs); k++ {
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
		close(f.done)
		return
	}
	l.Spawn(f)
}

// forwarding is the run of a group that an Exec on the first cpu sends tasks to.
func forwarding(full group.Full) run {
	return func(s measure.Spot, n int) (sm measure.Sample, err error) {
		t := tight(full)
		defer pools.Procs(true, t.workers+t.producers)()
		f := &feeder{jobs: make([]job, n), work: spinOf(t.work), roll: pools.NewRoll(2), done: make(chan struct{})}
		for i := range f.jobs {
			f.jobs[i] = job{f, pools.Make(0, uint64(i))}
		}
		c := one(s, 0, exec.RunTasks)
		c.Depth, c.OnFull = t.depth, full
		err = running(c, f.feed(s))
		return measure.PerOp(f.elapsed, n), errors.Join(err, f.err, f.roll.Err(1, n))
	}
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
