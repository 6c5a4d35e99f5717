package balance

import "fmt"

// inner makes the balancer that a wrapper wraps. The wrapper's name and the policy's part in it are for errors.
func inner(wrapper, part string, p Policy, v *View) (Balancer, error) {
	if p == nil {
		return nil, fmt.Errorf("balance: %s has no %s policy (want one to wrap, such as RoundRobin())", wrapper, part)
	}
	b, err := p(v)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return nil, fmt.Errorf("balance: %s: the %s policy returned neither a balancer nor an error", wrapper, part)
	}
	return b, nil
}
