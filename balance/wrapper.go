package balance

import "fmt"

// wrapper is what all balancers that ask another have in common: what concerns the producer is passed on.
type wrapper struct{ next Balancer }

// newWrapper makes the balancer that the policy called name asks, or returns an error in its name.
func newWrapper(name string, next Policy, v *View) (wrapper, error) {
	if next == nil {
		return wrapper{}, fmt.Errorf("balance: %s has no next policy (want one to ask, such as KeyHash())", name)
	}
	b, err := next(v)
	if err != nil {
		return wrapper{}, err
	}
	if b == nil {
		return wrapper{}, fmt.Errorf("balance: %s: the next policy returned neither a balancer nor an error", name)
	}
	return wrapper{b}, nil
}

func (w wrapper) Update(v *View) error { return w.next.Update(v) }

// Close implements [Closer].
func (w wrapper) Close(v *View) {
	if c, ok := w.next.(Closer); ok {
		c.Close(v)
	}
}

// Watch implements [Watcher].
func (w wrapper) Watch(taken func(i int) uint64) {
	if o, ok := w.next.(Watcher); ok {
		o.Watch(taken)
	}
}
