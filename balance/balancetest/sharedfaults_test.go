package balancetest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/pushcore/pushcore/balance"
	"github.com/stretchr/testify/require"
)

// inspectShared is inspect for policies whose balancers share state.
func inspectShared(group func() balance.Policy, o Options) map[string][]string {
	s := newShared(group, o)
	s.patience = time.Minute
	r := recorder{ran: new([]string), breaches: map[string][]string{}}
	s.run(r)
	return r.breaches
}

func TestSoundSharedPolicies(t *testing.T) {
	for name, p := range map[string]balance.Policy{
		"KeyHash":    balance.KeyHash(),
		"RoundRobin": balance.RoundRobin(),
	} {
		t.Run(name, func(t *testing.T) {
			RunShared(t, func() balance.Policy { return balance.Shared(p) }, Options{})
		})
	}
	t.Run("OwnOrder", func(t *testing.T) {
		own := func() balance.Policy { return balance.StickyInFlight(1024, balance.Shared(balance.LeastLoaded())) }
		RunShared(t, own, Options{OwnOrder: true})
		require.Contains(t, inspectShared(own, Options{}), "Group", "the option is needed")
	})
}

func TestFindsSharedFaults(t *testing.T) {
	for _, f := range []struct {
		name, check, says string
		group             func() balance.Policy
	}{
		{"no policy", "Picks", "the policy of the group is nil", func() balance.Policy { return nil }},
		{"shares nothing", "Group", "whichever producers", func() balance.Policy {
			return balance.StickyInFlight(1024, balance.RoundRobin())
		}},
		{"shared by groups", "Unshared", "share no state", func() func() balance.Policy {
			p := balance.Shared(balance.RoundRobin())
			return func() balance.Policy { return p }
		}()},
		{"others' open workers", "Group", "is closed", func() balance.Policy {
			// One balancer for all, which knows the View of whoever told last.
			var mu sync.Mutex
			var b balance.Balancer
			return func(v *balance.View) (_ balance.Balancer, err error) {
				mu.Lock()
				defer mu.Unlock()
				if b == nil {
					b, err = balance.RoundRobin()(v)
				}
				return locked{b, &mu}, err
			}
		}},
		{"does not let go", "Group", "all other producers had ended", func() balance.Policy {
			// Counts what is in flight at each worker, and forgets those who end.
			type tally struct {
				mu       sync.Mutex
				inFlight map[int]int
			}
			all := &tally{inFlight: map[int]int{}}
			return func(v *balance.View) (balance.Balancer, error) {
				if v.OpenCount() == 0 {
					return nil, errors.New("nobody")
				}
				mine := map[int]int{}
				return &made{ordered: no, update: noUpdate, pick: func(_ uint64, v *balance.View) int {
					all.mu.Lock()
					defer all.mu.Unlock()
					for w := range v.N() {
						now := int(v.Sent[w] - v.Taken[w])
						all.inFlight[w] += now - mine[w]
						mine[w] = now
					}
					for w := range v.N() {
						if all.inFlight[w] < 1 && v.IsOpen(w) {
							all.inFlight[w]++
							mine[w]++
							return w
						}
					}
					return balance.Full
				}}, nil
			}
		}},
	} {
		t.Run(f.name, func(t *testing.T) {
			got := inspectShared(f.group, Options{})
			require.Contains(t, got, f.check, "not found by its check")
			require.Contains(t, got[f.check][0], f.says)
		})
	}
	require.Contains(t, inspectShared(nil, Options{})[""][0], "nil")
}

// locked is a balancer that may be called by several producers.
type locked struct {
	balance.Balancer
	mu *sync.Mutex
}

func (l locked) Pick(key uint64, v *balance.View) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Balancer.Pick(key, v)
}

func (l locked) Update(v *balance.View) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Balancer.Update(v)
}
