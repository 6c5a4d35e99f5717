package exec

import (
	"fmt"
	"runtime/debug"
)

// job is what the loop and the workers know of a Job[T] of any T. It is in one list at most:
// in the queue of the pool until it begins, and among those that have ended until the loop
// completes it.
type job struct {
	in         *jobList // guarded by the pool's mu, as are the next two
	prev, next *job

	body   jobBody
	failed *Panic // written by the worker
}

// jobBody is the Job[T].
type jobBody interface {
	call()
	over(err error)
}

// perform runs the function. If it panics, that is noted if it is to be survived, and goes
// on otherwise; a Goexit is noted, and goes on.
func (j *job) perform(x *Exec, catch bool) {
	returned := false
	defer func() {
		if returned {
			return
		}
		p := Panic{x: x, Exec: x.cfg.Name, Blocking: true}
		if catch {
			p.Value = recover()
		} else if !goexiting() {
			return // the program ends
		}
		p.Goexit = p.Value == nil
		p.Stack = debug.Stack()
		j.failed = &p
	}()
	j.body.call()
	returned = true
}

// startJob accepts a job.
func (l *Local) startJob(j *job) error {
	x := l.x
	if l.ending {
		l.n[cRejects]++
		return fmt.Errorf("exec: %s: it is ending: %w", x.cfg.Name, ErrClosed)
	}
	if l.blocking == nil {
		l.blocking = newBlockingPool(x)
	}
	if !l.blocking.submit(j) {
		l.n[cRejects]++
		return fmt.Errorf("exec: %s: %d jobs wait for a goroutine (BlockingCap): %w", x.cfg.Name, x.cfg.BlockingCap, ErrTooMany)
	}
	l.jobs++
	l.n[cSpawned]++
	return nil
}

// jobReturned completes a job that never begins.
func (l *Local) jobReturned(j *job, err error) {
	l.jobs--
	l.n[cReturned]++
	j.body.over(err)
}

// jobEnded counts a job that was run.
func (l *Local) jobEnded(j *job) {
	l.jobs--
	l.n[cTasks]++
	if j.failed != nil {
		l.n[cTasksFailed]++
	}
}

// completeJob completes a job that was run, and does what is to be done about a panic.
func (l *Local) completeJob(j *job) {
	l.jobEnded(j)
	p := j.failed
	if p == nil {
		j.body.over(nil)
		return
	}
	j.body.over(*p)
	f := l.x.cfg.OnPanic
	if f == nil && !p.Goexit { // in a simulation: elsewhere the program has ended
		panic(*p)
	}
	l.n[cPanics]++
	if f != nil {
		f(*p)
	}
}

// jobList is a list of jobs, the oldest first.
type jobList struct {
	head, tail *job
	n          int
}

func (q *jobList) push(j *job) {
	j.in, j.prev, j.next = q, q.tail, nil
	if q.tail == nil {
		q.head = j
	} else {
		q.tail.next = j
	}
	q.tail = j
	q.n++
}

func (q *jobList) remove(j *job) {
	if j.prev == nil {
		q.head = j.next
	} else {
		j.prev.next = j.next
	}
	if j.next == nil {
		q.tail = j.prev
	} else {
		j.next.prev = j.prev
	}
	j.in, j.prev, j.next = nil, nil, nil
	q.n--
}

// pop removes the oldest, or returns nil.
func (q *jobList) pop() *job {
	j := q.head
	if j != nil {
		q.remove(j)
	}
	return j
}

// at returns the job at place i.
func (q *jobList) at(i int) *job {
	j := q.head
	for range i {
		j = j.next
	}
	return j
}
