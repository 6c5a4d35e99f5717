package pools

import (
	"time"

	"github.com/panjf2000/ants/v2"
)

// This file holds github.com/panjf2000/ants. Its pools have no queue: each worker has room for one task, and who finds
// all workers busy waits until one is free.

// releaseTime is how long a pool may take to end.
const releaseTime = 20 * time.Second

// Ants is ants.Pool.
func Ants(c Crew) (Pool[func()], error) {
	p, err := ants.NewPool(c.Workers, ants.WithDisablePurge(true))
	if err != nil {
		return Pool[func()]{}, err
	}
	return shared(p.Submit, func() error { return p.ReleaseTimeout(releaseTime) }), nil
}

// AntsFunc is ants.PoolWithFuncGeneric, which needs no closures.
func AntsFunc[T any](c Crew, handle func(int, T)) (Pool[T], error) {
	p, err := ants.NewPoolWithFuncGeneric(c.Workers, func(v T) { handle(Anyone, v) }, ants.WithDisablePurge(true))
	if err != nil {
		return Pool[T]{}, err
	}
	return shared(p.Invoke, func() error { return p.ReleaseTimeout(releaseTime) }), nil
}

// AntsMulti is ants.MultiPool: a pool of one worker each, served in turn.
func AntsMulti(c Crew) (Pool[func()], error) {
	p, err := ants.NewMultiPool(c.Workers, 1, ants.RoundRobin, ants.WithDisablePurge(true))
	if err != nil {
		return Pool[func()]{}, err
	}
	return shared(p.Submit, func() error { return p.ReleaseTimeout(releaseTime) }), nil
}
