package exec

import "fmt"

// Future is a value that will be there later, for the coroutines of one Exec. Nothing in
// it is atomic: everything about it happens on that loop. It is a Case of [Select],
// which can be taken once the value is there.
type Future[T any] struct {
	l    *Local
	done bool
	outcome[T]
}

// outcome is what futures and joins are about.
type outcome[T any] struct {
	v       T
	err     error
	waiters waitList
}

// Promise is the other side of a Future: whoever has it completes the Future, once.
type Promise[T any] struct{ f Future[T] }

// NewPromise returns a Promise for the coroutines of l.
func NewPromise[T any](l *Local) *Promise[T] {
	l.check()
	return &Promise[T]{Future[T]{l: l}}
}

// Future returns what the Promise completes: the same one each time.
func (p *Promise[T]) Future() *Future[T] { return &p.f }

// Complete gives the Future its value and wakes all who wait for it. It panics if the
// Future is complete already.
func (p *Promise[T]) Complete(v T) { p.must(p.TryComplete(v, nil)) }

// Fail is Complete with an error.
func (p *Promise[T]) Fail(err error) {
	var zero T
	p.must(p.TryComplete(zero, err))
}

func (p *Promise[T]) must(first bool) {
	if !first {
		panic(fmt.Sprintf("exec: a Promise of Exec %q was completed twice: TryComplete is for those who cannot know", p.f.l.x.cfg.Name))
	}
}

// TryComplete completes the Future with v or err, and reports whether it was the first
// to do so.
func (p *Promise[T]) TryComplete(v T, err error) bool {
	p.f.l.check()
	if p.f.done {
		return false
	}
	p.f.complete(v, err)
	return true
}

func (f *Future[T]) complete(v T, err error) {
	f.v, f.err, f.done = v, err, true
	f.waiters.wakeAll()
}

// Await waits until the Future is complete and returns its value or error. On another
// Exec than the Future's it returns ErrForeign at once. A cancelled coroutine gets
// ErrCancelled even if the Future is complete: Result is for cleaning up.
func (f *Future[T]) Await(co *Co) (v T, err error) {
	if f.l != co.l {
		return v, ErrForeign
	}
	return f.await(co, f.done)
}

func (o *outcome[T]) await(co *Co, done bool) (v T, err error) {
	if err := co.mayWait(); err != nil {
		return v, err
	}
	if done {
		co.spend()
		return o.v, o.err
	}
	o.waiters.push(&co.carrier.place)
	co.l.switchTo(co.suspend())
	if err := co.carrier.early; err != nil {
		return v, err
	}
	return o.v, o.err
}

func (o *outcome[T]) taken() error { return nil }
func (o *outcome[T]) enlist(w *waiter) error {
	o.waiters.push(w)
	return nil
}

// Done reports whether the Future is complete.
func (f *Future[T]) Done() bool { return f.done }

// Result returns the value or error of a complete Future, and whether it is complete.
func (f *Future[T]) Result() (v T, err error, done bool) { //nolint:revive // the error is a part of the result
	return f.v, f.err, f.done
}

func (f *Future[T]) loop() *Local       { return f.l }
func (f *Future[T]) try() (bool, error) { return f.done, nil }
