package balance

import "fmt"

// wrapper is what all balancers that ask another have in common: what concerns the producer is passed on.
type wrapper struct{ next Balancer }

// newWrapper makes the balancer that the policy called name asks.
func newWrapper(name string, next Policy, v *View) (wrapper, error) {
	b, err := inner(name, "next", next, v)
	return wrapper{b}, err
}

// inner makes a balancer that the policy called name asks. The part that it plays there is for errors.
func inner(name, part string, p Policy, v *View) (Balancer, error) {
	if p == nil {
		return nil, fmt.Errorf("balance: %s has no %s policy (want one to ask, such as RoundRobin())", name, part)
	}
	b, err := p(v)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return nil, fmt.Errorf("balance: %s: the %s policy returned neither a balancer nor an error", name, part)
	}
	return b, nil
}

func (w wrapper) Update(v *View) error { return w.next.Update(v) }

// Shares implements [Member].
func (w wrapper) Shares() bool { return Shares(w.next) }

// Watch implements [Member].
func (w wrapper) Watch(taken func(i int) uint64) {
	if m, ok := w.next.(Member); ok {
		m.Watch(taken)
	}
}

// Close implements [Member].
func (w wrapper) Close(v *View) {
	if m, ok := w.next.(Member); ok {
		m.Close(v)
	}
}
