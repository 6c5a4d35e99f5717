package exec

import "fmt"

// Go starts a coroutine: f is run on this loop, from its beginning to its end, and other
// things run in between whenever it waits. It begins after what is ready now; the ones that
// a coroutine starts begin when that one waits or ends, in the order of their starts. f may
// use what it has by closure without any lock: nothing else on the loop runs while f does.
//
// The error wraps ErrTooMany when MaxCoroutines have begun and not ended, and ErrClosed
// when the Exec is ending. Go panics if f is nil.
//
// Whoever does not need the result may drop the Join; [Local.Go] is cheaper then.
func Go[T any](l *Local, f func(co *Co) (T, error)) (*Join[T], error) {
	l.check()
	if f == nil {
		panic("exec: Go with a nil function")
	}
	j := &Join[T]{f: f}
	if err := l.begin(&j.co, j); err != nil {
		return nil, err
	}
	return j, nil
}

// Join is the result of a coroutine, and a handle to end it. It belongs to the Exec that
// the coroutine runs on. A Join is a Case of [Select], which can be taken once the
// coroutine has ended.
type Join[T any] struct {
	co      Co
	f       func(co *Co) (T, error)
	watcher watcher // or nil
	outcome[T]
}

// watcher is told when a coroutine has ended.
type watcher interface{ joined() }

// watch is a watcher made of a function.
type watch func()

func (f watch) joined() { f() }

// Await waits for the coroutine to end and returns what it returned. If it panicked, the
// error is a [Panic], with the value and the stack of the coroutine; if it was cancelled
// before it began, one that wraps ErrCancelled. If the wait ends early, so does only the
// wait.
func (j *Join[T]) Await(co *Co) (v T, err error) {
	if j.co.l != co.l {
		return v, ErrForeign
	}
	if co == &j.co {
		panic("exec: a coroutine awaits its own Join: it would wait for ever")
	}
	return j.await(co, j.Finished())
}

// Result returns what the coroutine returned, and whether it has ended.
func (j *Join[T]) Result() (v T, err error, ended bool) { //nolint:revive // the error is a part of the result
	return j.v, j.err, j.Finished()
}

// Finished reports whether the coroutine has ended.
func (j *Join[T]) Finished() bool { return j.co.state == coDone }

// Abort cancels the coroutine. If it has begun, its wait ends with ErrCancelled, and so
// does every later one; if it has not, it never will. One that has ended stays as it is.
// Abort does not wait for the end.
func (j *Join[T]) Abort() {
	j.co.l.check()
	j.co.cancel(&ErrCancelled)
}

// String says which coroutine this is the result of.
func (j *Join[T]) String() string {
	return fmt.Sprintf("coroutine of %s", j.co.l.x.cfg.Name)
}

func (j *Join[T]) run(co *Co) { j.v, j.err = j.f(co) }

func (j *Join[T]) ended(err error) {
	if err != nil {
		j.err = err
	}
	j.f = nil
	j.waiters.wakeAll()
	if j.watcher != nil {
		j.watcher.joined()
	}
}

func (j *Join[T]) enlist(w *waiter) error {
	if w.c.job == &j.co {
		panic("exec: a coroutine awaits its own Join: it would wait for ever")
	}
	return j.outcome.enlist(w)
}

func (j *Join[T]) loop() *Local       { return j.co.l }
func (j *Join[T]) try() (bool, error) { return j.Finished(), nil }
