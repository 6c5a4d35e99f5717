package group

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/pushcore/pushcore/exec"
)

// Invoked is code that is brought to a shard. It runs on the worker's loop, so it must not
// block, and has the shard to itself.
type Invoked[S, R any] func(l *exec.Local, shard *S) (R, error)

func (f Invoked[S, R]) at(s *Sharded[S], i int) func(l *exec.Local) (R, error) {
	return func(l *exec.Local) (R, error) { return f(l, s.states[i]) }
}

// must panics in the caller if f is nil, rather than on a worker.
func (f Invoked[S, R]) must(s *Sharded[S]) {
	if f == nil {
		panic(fmt.Sprintf("group: %s: a nil function was to be invoked on a shard", s.name))
	}
}

// InvokeOn runs f on shard i and returns its result. It is called outside; the errors are
// those of exec.Call, and exec.ErrClosed as soon as the group is drained or stopped, while
// coroutines may go on with InvokeOnFrom. InvokeOn and its like panic if f is nil.
func InvokeOn[S, R any](ctx context.Context, s *Sharded[S], i int, f Invoked[S, R]) (r R, err error) {
	f.must(s)
	if err := s.check(i); err != nil {
		return r, err
	}
	if s.closed.Load() && !exec.OnLoop() {
		return r, fmt.Errorf("group: %s: shard %d was called from outside when the group was closed: %w", s.name, i, exec.ErrClosed)
	}
	return exec.Call(ctx, s.execs[i], f.at(s, i))
}

// InvokeKey is InvokeOn of the shard that has key.
func InvokeKey[S, R any](ctx context.Context, s *Sharded[S], key uint64, f Invoked[S, R]) (R, error) {
	return InvokeOn(ctx, s, s.ShardOf(key), f)
}

// InvokeAll runs f on all shards at the same time and returns the results in the order of
// the shards, and the errors joined. Where f failed the result is what it returned beside
// its error.
func InvokeAll[S, R any](ctx context.Context, s *Sharded[S], f Invoked[S, R]) ([]R, error) {
	f.must(s)
	if exec.OnLoop() {
		return nil, exec.ErrOnLoop
	}
	rs, errs := make([]R, len(s.execs)), make([]error, len(s.execs))
	var wg sync.WaitGroup
	for i := range s.execs {
		wg.Go(func() {
			var err error
			rs[i], err = InvokeOn(ctx, s, i, f)
			errs[i] = shardError(i, err)
		})
	}
	wg.Wait()
	return rs, errors.Join(errs...)
}

// MapReduce runs f on all shards at the same time, and then reduce, in the caller, over
// the results in the order of the shards. If any of them failed it returns r and the errors.
// It panics if reduce is nil, too.
func MapReduce[S, M, R any](ctx context.Context, s *Sharded[S], f Invoked[S, M], r R, reduce func(R, M) R) (R, error) {
	mustReduce(s, reduce == nil)
	ms, err := InvokeAll(ctx, s, f)
	return fold(ms, err, r, reduce)
}

// InvokeOnFrom is InvokeOn from a coroutine. On the caller's own shard f is simply called;
// the errors are those of exec.CallFrom.
func InvokeOnFrom[S, R any](co *exec.Co, s *Sharded[S], i int, f Invoked[S, R]) (r R, err error) {
	f.must(s)
	if err := s.check(i); err != nil {
		return r, err
	}
	return exec.CallFrom(co, s.execs[i], f.at(s, i))
}

// InvokeKeyFrom is InvokeKey from a coroutine.
func InvokeKeyFrom[S, R any](co *exec.Co, s *Sharded[S], key uint64, f Invoked[S, R]) (R, error) {
	return InvokeOnFrom(co, s, s.ShardOf(key), f)
}

// InvokeAllFrom is InvokeAll from a coroutine. It starts one for each shard; if the wait
// ends early they are cancelled.
func InvokeAllFrom[S, R any](co *exec.Co, s *Sharded[S], f Invoked[S, R]) ([]R, error) {
	f.must(s)
	rs, errs := make([]R, len(s.execs)), make([]error, len(s.execs))
	joins := make([]*exec.Join[R], len(s.execs))
	for i := range joins {
		j, err := exec.Go(co.Local(), func(co *exec.Co) (R, error) { return InvokeOnFrom(co, s, i, f) })
		if err != nil {
			return nil, shardError(i, err)
		}
		defer j.Abort() // unless it has ended
		joins[i] = j
	}
	for i, j := range joins {
		_, early := j.Await(co)
		r, err, over := j.Result()
		if !over {
			return nil, early
		}
		rs[i], errs[i] = r, shardError(i, err)
	}
	return rs, errors.Join(errs...)
}

// MapReduceFrom is MapReduce from a coroutine.
func MapReduceFrom[S, M, R any](co *exec.Co, s *Sharded[S], f Invoked[S, M], r R, reduce func(R, M) R) (R, error) {
	mustReduce(s, reduce == nil)
	ms, err := InvokeAllFrom(co, s, f)
	return fold(ms, err, r, reduce)
}

// mustReduce panics before anything has run.
func mustReduce[S any](s *Sharded[S], isNil bool) {
	if isNil {
		panic(fmt.Sprintf("group: %s: a nil function was to reduce what the shards return", s.name))
	}
}

func fold[M, R any](ms []M, err error, r R, reduce func(R, M) R) (R, error) {
	if err != nil {
		return r, err
	}
	for _, m := range ms {
		r = reduce(r, m)
	}
	return r, nil
}

func shardError(i int, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("shard %d: %w", i, err)
}
