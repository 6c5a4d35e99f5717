package pools

import (
	"errors"
	"sync"
)

// Shared is worker goroutines that are fed by one buffered channel.
func Shared[T any](c Crew, handle func(int, T)) (Pool[T], error) {
	ch := make(chan T, c.bound())
	stop := workers(c, handle, func(int) chan T { return ch }, func() { close(ch) })
	return shared(func(v T) error {
		ch <- v
		return nil
	}, stop), nil
}

// RoundRobin is worker goroutines with a buffered channel each, to which every producer sends in turn. All together
// hold no more than the shared one.
func RoundRobin[T any](c Crew, handle func(int, T)) (Pool[T], error) {
	chs := make([]chan T, c.Workers)
	for i := range chs {
		chs[i] = make(chan T, c.bound()/c.Workers)
	}
	stop := workers(c, handle, func(i int) chan T { return chs[i] }, func() {
		for _, ch := range chs {
			close(ch)
		}
	})
	return Pool[T]{Stop: stop, Sender: func() func(T) error {
		to := 0
		return func(v T) error {
			chs[to] <- v
			if to++; to == len(chs) {
				to = 0
			}
			return nil
		}
	}}, nil
}

// SharedTasks is Shared with functions.
func SharedTasks(c Crew) (Pool[func()], error) {
	return Shared(c, func(_ int, f func()) { f() })
}

// workers starts the goroutines; stop ends them.
func workers[T any](c Crew, handle func(int, T), from func(worker int) chan T, end func()) (stop func() error) {
	var wg sync.WaitGroup
	errs := make([]error, c.Workers)
	for i := range c.Workers {
		wg.Go(func() {
			errs[i] = c.Enter(CPUOf(i))
			for v := range from(i) {
				handle(i, v)
			}
		})
	}
	return func() error {
		end()
		wg.Wait()
		return errors.Join(errs...)
	}
}
