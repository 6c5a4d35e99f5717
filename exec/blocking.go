package exec

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
// belongs to the loop. Jobs begin in the order in which they came.
//
// The error wraps ErrTooMany when BlockingCap jobs wait for a goroutine, and ErrClosed when
// the Exec is ending. GoBlocking panics if fn is nil.
//
// A panic in fn is treated like one in a coroutine: it is the Job's error, and OnPanic is
// told, on the loop; without OnPanic it ends the program. A Goexit ends fn alone.
//
// Drain waits for jobs. Stop does not, and neither does a Drain whose time is over: jobs
// that have not begun are over then, with an error that wraps ErrClosed. Those that have
// begun go on, and are never Finished. Stats counts them for as long as they run, and
// [Exec.WaitBlocking] waits for them. If one of them panics, OnPanic is told on its own
// goroutine, because there is no loop any more.
//
// On a simulated Exec (Config.Sim) there are no goroutines: jobs run between other things on
// the goroutine that steps it, in a later turn, in an order that the Simulator picks. fn must
// not wait there for what only another Step would bring about.
func GoBlocking[T any](l *Local, fn func() (T, error)) (*Job[T], error) {
	l.check()
	if fn == nil {
		panic("exec: GoBlocking with a nil function")
	}
	j := &Job[T]{fn: fn, done: Future[T]{l: l}}
	j.body = j
	if err := l.startJob(&j.job); err != nil {
		return nil, err
	}
	return j, nil
}

// Job is a function that runs on an ordinary goroutine. It belongs to the Exec that it was
// started on. It is a Case of [Select], which can be taken once the function has ended.
type Job[T any] struct {
	job
	fn   func() (T, error) // nil once it has begun, or never will
	v    T                 // written by the worker
	err  error
	done Future[T]
}

// Await waits for the function to end and returns its result.
func (j *Job[T]) Await(co *Co) (T, error) { return j.done.Await(co) }

// Finished reports whether the Job is over.
func (j *Job[T]) Finished() bool { return j.done.Done() }

// Result returns the result, and whether the Job is over.
func (j *Job[T]) Result() (v T, err error, over bool) { //nolint:revive // the error is a part of the result
	return j.done.Result()
}

// Cancel keeps a function that has not begun from being run, and reports whether it did.
// The Job is over then, with ErrCancelled, and another one may wait in its place. It is
// called on the loop.
func (j *Job[T]) Cancel() bool {
	l := j.done.l
	l.check()
	if !l.blocking.withdraw(&j.job) {
		return false
	}
	l.jobReturned(&j.job, ErrCancelled)
	return true
}

// call runs the function. Nothing that it holds on to is kept any longer.
func (j *Job[T]) call() {
	fn := j.fn
	j.fn = nil
	j.v, j.err = fn()
}

// over completes the Job, on the loop: with err if that is not nil.
func (j *Job[T]) over(err error) {
	v := j.v
	if err == nil {
		err = j.err
	}
	var zero T
	j.fn, j.v, j.err = nil, zero, nil // the Future has them
	j.done.complete(v, err)
}

func (j *Job[T]) loop() *Local           { return j.done.l }
func (j *Job[T]) try() (bool, error)     { return j.done.try() }
func (j *Job[T]) enlist(w *waiter) error { return j.done.enlist(w) }
func (j *Job[T]) taken() error           { return nil }
