package pools

import "github.com/alitto/pond/v2"

// Pond is github.com/alitto/pond with a bounded queue. Who finds it full waits.
func Pond(c Crew) (Pool[func()], error) {
	p := pond.NewPool(c.Workers, pond.WithQueueSize(c.bound()))
	return shared(p.Go, func() error {
		p.StopAndWait()
		return nil
	}), nil
}
