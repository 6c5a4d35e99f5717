package exec

import (
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// Blocking runs fn, which may block, on an ordinary goroutine, and waits for its result
// without blocking the loop. See [GoBlocking]. If the wait ends early, a fn that has not
// begun is not run any more.
func Blocking[T any](co *Co, fn func() (T, error)) (v T, err error) {
	if err := co.mayWait(); err != nil {
		return v, err
	}
	j, err := GoBlocking(co.l, fn)
	if err != nil {
		return v, err
	}
	if v, err = j.Await(co); !j.Finished() {
		j.Cancel()
	}
	return v, err
}

// GoBlocking has fn run on one of at most MaxBlocking goroutines that the Exec keeps for
// work that blocks: file I/O, a library with locks of its own, long computations. What fn
// returns is there for coroutines of l, through the Job. fn must not touch anything that
// belongs to the loop.
//
// The error wraps ErrTooMany when BlockingCap jobs wait for a goroutine, and ErrClosed when
// the Exec is ending. GoBlocking panics if fn is nil.
//
// A panic in fn is treated like one in a coroutine. Drain waits for jobs; Stop does not: a
// job that is running when the Exec ends goes on, and its result is dropped.
func GoBlocking[T any](l *Local, fn func() (T, error)) (*Job[T], error) {
	l.check()
	if fn == nil {
		panic("exec: GoBlocking with a nil function")
	}
	j := &Job[T]{fn: fn, done: Future[T]{l: l}}
	j.waker = Waker{x: l.x, task: j}
	if err := l.offload(j); err != nil {
		return nil, err
	}
	return j, nil
}

// Job is a function that runs on an ordinary goroutine. It belongs to the Exec that it was
// started on. It is a Case of [Select], which can be taken once the function has ended.
type Job[T any] struct {
	state atomic.Int32
	fn    func() (T, error)
	v     T // written by the goroutine, before it wakes the loop
	err   error
	panic *Panic

	waker Waker // of the loop, to complete the Job
	done  Future[T]
}

// The life of a Job. Whoever changes it from jobQueued decides whether it is run.
const (
	jobQueued int32 = iota
	jobBegun
	jobCancelled
)

// Await waits for the function to end and returns its result.
func (j *Job[T]) Await(co *Co) (T, error) { return j.done.Await(co) }

// Finished reports whether the Job is over.
func (j *Job[T]) Finished() bool { return j.done.Done() }

// Result returns the result, and whether the Job is over.
func (j *Job[T]) Result() (v T, err error, over bool) { //nolint:revive // the error is a part of the result
	return j.done.Result()
}

// Cancel keeps a function that has not begun from being run, and reports whether it did.
// The Job is over then, with ErrCancelled. It is called on the loop.
func (j *Job[T]) Cancel() bool {
	l := j.done.l
	l.check()
	if !j.state.CompareAndSwap(jobQueued, jobCancelled) {
		return false
	}
	l.jobs--
	j.done.complete(j.v, ErrCancelled)
	return true
}

// work runs the function, on a goroutine of the pool.
func (j *Job[T]) work(catch bool) {
	if !j.state.CompareAndSwap(jobQueued, jobBegun) {
		return
	}
	returned := false
	defer func() {
		if returned {
			return
		}
		p := Panic{x: j.waker.x, Exec: j.waker.x.cfg.Name, Blocking: true}
		if catch {
			p.Value = recover()
		} else if !goexiting() {
			return // the program ends
		}
		p.Goexit = p.Value == nil
		p.Stack = debug.Stack()
		j.panic, j.err = &p, p
		j.waker.Wake()
	}()
	j.v, j.err = j.fn()
	returned = true
	j.waker.Wake()
}

// Run completes the Job, on the loop.
func (j *Job[T]) Run(l *Local) {
	l.jobs--
	j.fn = nil
	j.done.complete(j.v, j.err)
	if j.panic != nil {
		l.n[cPanics]++
		if f := l.x.cfg.OnPanic; f != nil {
			f(*j.panic)
		}
	}
}

func (j *Job[T]) loop() *Local           { return j.done.l }
func (j *Job[T]) try() (bool, error)     { return j.done.try() }
func (j *Job[T]) enlist(w *waiter) error { return j.done.enlist(w) }
func (j *Job[T]) taken() error           { return nil }

// job is a Job[T] of any T.
type job interface{ work(catch bool) }

// offices are the goroutines for blocking work of one Exec. They come when there are more
// jobs than idle ones, and go when nothing has come for a while, or the Exec ends.
type offices struct {
	jobs     chan job // a buffered channel is the bounded queue; only the loop sends
	max      int32    // goroutines
	open     atomic.Int32
	spare    atomic.Int32  // goroutines that ask for a job, less the jobs sent to them
	closed   bool          // the loop's
	patience time.Duration // how long an idle one stays; 0: idleOffice
	catch    bool          // panics are survived
}

const idleOffice = 10 * time.Second

// offload queues a job.
func (l *Local) offload(j job) error {
	x := l.x
	o := &l.offices
	if l.ending {
		return fmt.Errorf("exec: %s: it is ending: %w", x.cfg.Name, ErrClosed)
	}
	if o.jobs == nil {
		o.jobs = make(chan job, x.cfg.BlockingCap)
		o.max, o.catch = int32(x.cfg.MaxBlocking), x.cfg.OnPanic != nil
		if o.patience == 0 {
			o.patience = idleOffice
		}
	}
	select {
	case o.jobs <- j:
	default:
		l.n[cRejects]++
		return fmt.Errorf("exec: %s: %d jobs wait for a goroutine (BlockingCap): %w", x.cfg.Name, x.cfg.BlockingCap, ErrTooMany)
	}
	l.jobs++
	if o.spare.Add(-1) < 0 {
		o.staff()
	}
	return nil
}

// staff adds a goroutine if there may be one more.
func (o *offices) staff() {
	for n := o.open.Load(); n < o.max; n = o.open.Load() {
		if o.open.CompareAndSwap(n, n+1) {
			go o.work()
			return
		}
	}
}

// work is one of the goroutines.
func (o *offices) work() {
	defer o.leave() // also after a Goexit
	timer := time.NewTimer(o.patience)
	defer timer.Stop()
	for {
		o.spare.Add(1)
		for waiting := true; waiting; {
			select {
			case j, ok := <-o.jobs:
				if !ok {
					return
				}
				j.work(o.catch)
				waiting = false
			case <-timer.C:
				if n := o.spare.Load(); n > 0 && o.spare.CompareAndSwap(n, n-1) {
					return // no job counts on this one
				}
			}
			timer.Reset(o.patience)
		}
	}
}

// leave is the end of a goroutine. A job that was sent before it was seen to have gone, or
// behind one that has exited, needs another one: the sender sends and then looks at open,
// and this is the other way round.
func (o *offices) leave() {
	o.open.Add(-1)
	if len(o.jobs) > 0 {
		o.staff()
	}
}

// close lets the goroutines go. Jobs that have not begun never will.
func (o *offices) close() {
	if o.jobs == nil || o.closed {
		return
	}
	o.closed = true
	for {
		select {
		case <-o.jobs:
		default:
			close(o.jobs)
			return
		}
	}
}
