package pools

import "golang.org/x/sync/errgroup"

// ErrGroup is an errgroup with a limit. It has no queue: Go waits while as many as there are workers run.
func ErrGroup(c Crew) (Pool[func()], error) {
	var g errgroup.Group
	g.SetLimit(c.Workers)
	return shared(func(f func()) error {
		g.Go(func() error {
			f()
			return nil
		})
		return nil
	}, g.Wait), nil
}

// Go is a goroutine for each task. There is no bound of any kind: neither of what waits nor, but for GOMAXPROCS, of
// what runs at once.
func Go(Crew) (Pool[func()], error) {
	return shared(func(f func()) error {
		go f()
		return nil
	}, func() error { return nil }), nil
}
