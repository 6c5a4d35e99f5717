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

// InvokeOn runs f on shard i and returns its result. It is called outside; the errors are
// those of exec.Call.
func InvokeOn[S, R any](ctx context.Context, s *Sharded[S], i int, f Invoked[S, R]) (r R, err error) {
	if err := s.check(i); err != nil {
		return r, err
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
// the results in the order of the shards. If any of them failed it returns the errors.
func MapReduce[S, M, R any](ctx context.Context, s *Sharded[S], f Invoked[S, M], r R, reduce func(R, M) R) (R, error) {
	ms, err := InvokeAll(ctx, s, f)
	return fold(ms, err, r, reduce)
}

// InvokeOnFrom is InvokeOn from a coroutine. On the caller's own shard f is simply called;
// the errors are those of exec.CallFrom.
func InvokeOnFrom[S, R any](co *exec.Co, s *Sharded[S], i int, f Invoked[S, R]) (r R, err error) {
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
	rs, errs := make([]R, len(s.execs)), make([]error, len(s.execs))
	set := exec.NewJoinSet[struct{}](co.Local())
	defer set.AbortAll()
	for i := range s.execs {
		err := set.Go(func(co *exec.Co) (none struct{}, _ error) {
			var err error
			rs[i], err = InvokeOnFrom(co, s, i, f)
			errs[i] = shardError(i, err)
			return none, nil
		})
		if err != nil {
			return rs, shardError(i, err)
		}
	}
	if err := set.Wait(co); err != nil {
		return nil, err // rs is still being written to
	}
	return rs, errors.Join(errs...)
}

// MapReduceFrom is MapReduce from a coroutine.
func MapReduceFrom[S, M, R any](co *exec.Co, s *Sharded[S], f Invoked[S, M], r R, reduce func(R, M) R) (R, error) {
	ms, err := InvokeAllFrom(co, s, f)
	return fold(ms, err, r, reduce)
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
