package balancetest

import (
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/stretchr/testify/require"
)

// Every fault that the suite is for, planted: the check that should find it does, and says what the contract is.
func TestFindsFaults(t *testing.T) {
	rr, kh := balance.RoundRobin(), balance.KeyHash()
	shared := new(atomic.Uint64)
	for _, f := range []struct {
		name   string
		check  string // one that must fail
		says   string // in its message
		policy balance.Policy
	}{
		{"out of range", "Picks", "out of range", spoiltPick(rr, func(b balance.Balancer, key uint64, v *balance.View) int {
			return b.Pick(key, v) + 1
		})},
		{"negative", "Picks", "got -2", spoiltPick(rr, func(balance.Balancer, uint64, *balance.View) int { return -2 })},
		{"signed hash", "Picks", "got Full", spoiltPick(kh, func(b balance.Balancer, key uint64, v *balance.View) int {
			if i := int(key) % v.N(); i < 0 {
				return i
			}
			return b.Pick(key, v)
		})},
		{"closed worker", "Picks", "is closed", spoiltPick(kh, func(_ balance.Balancer, key uint64, v *balance.View) int {
			return int(key % uint64(v.N()))
		})},
		{"one-word bitmap", "Picks", "is closed", spoiltPick(kh, func(_ balance.Balancer, key uint64, v *balance.View) int {
			for k := range v.N() {
				if i := int((key>>8 + uint64(k)) % uint64(v.N())); v.Open[0]>>(i%64)&1 != 0 {
					return i
				}
			}
			return balance.Full
		})},
		{"full though idle", "Picks", "got Full", spoiltPick(rr, func(b balance.Balancer, key uint64, v *balance.View) int {
			if key%8 == 5 {
				return balance.Full
			}
			return b.Pick(key, v)
		})},
		{"neither balancer nor error", "Picks", "neither", func(*balance.View) (balance.Balancer, error) { return nil, nil }},
		{"error for a good view", "Picks", "serve", func(*balance.View) (balance.Balancer, error) { return nil, errors.New("no") }},
		{"Update refuses", "Picks", "Update returned an error", spoilt(rr, func(b balance.Balancer, _ *balance.View) balance.Balancer {
			return &made{pick: b.Pick, ordered: no, update: func(v *balance.View) error {
				if v.OpenCount() < v.N() {
					return errors.New("no")
				}
				return b.Update(v)
			}}
		})},
		{"Update forgotten", "Picks", "is closed", spoilt(rr, func(b balance.Balancer, _ *balance.View) balance.Balancer {
			return &made{pick: b.Pick, ordered: no, update: noUpdate}
		})},
		{"size fixed at the start", "Membership", "panic", spoilt(rr, func(b balance.Balancer, v *balance.View) balance.Balancer {
			own := make([]int, v.N())
			return &made{ordered: no, update: b.Update, pick: func(key uint64, v *balance.View) int {
				i := b.Pick(key, v)
				if i != balance.Full {
					own[i]++
				}
				return i
			}}
		})},
		{"panics with nobody", "Nobody", "divide by zero", func(v *balance.View) (balance.Balancer, error) {
			return &made{ordered: no, update: noUpdate, pick: func(key uint64, v *balance.View) int {
				return v.AppendOpen(nil)[key%uint64(v.OpenCount())]
			}}, nil
		}},
		{"picks though nobody is open", "Nobody", "Pick(0x0) returned 0", spoilt(rr, func(b balance.Balancer, _ *balance.View) balance.Balancer {
			return &made{ordered: no, pick: func(key uint64, v *balance.View) int { return max(b.Pick(key, v), 0) }, update: b.Update}
		})},
		{"does not come back", "Nobody", "got Full", spoilt(rr, func(b balance.Balancer, _ *balance.View) balance.Balancer {
			dead := false
			return &made{ordered: no, update: func(v *balance.View) error {
				dead = dead || v.OpenCount() == 0
				return b.Update(v)
			}, pick: func(key uint64, v *balance.View) int {
				if dead {
					return balance.Full
				}
				return b.Pick(key, v)
			}}
		})},
		{"ignores the key", "Spread", "one worker", spoiltPick(kh, func(b balance.Balancer, _ uint64, v *balance.View) int {
			return b.Pick(42, v)
		})},
		{"ties to the lowest", "Spread", "ties", spoiltPick(rr, func(_ balance.Balancer, _ uint64, v *balance.View) int {
			best := balance.Full
			for i := range v.N() {
				if v.IsOpen(i) && (best == balance.Full || v.Depth[i] < v.Depth[best]) {
					best = i
				}
			}
			return best
		})},
		{"random under Ordered", "Ordered", "Ordered() == true promises", spoilt(kh, func(b balance.Balancer, _ *balance.View) balance.Balancer {
			rng := rand.New(rand.NewPCG(1, 1))
			return &made{ordered: yes, update: b.Update, pick: func(_ uint64, v *balance.View) int { return b.Pick(rng.Uint64(), v) }}
		})},
		{"round robin that says Ordered", "Ordered", "went to worker", spoilt(rr, func(b balance.Balancer, _ *balance.View) balance.Balancer {
			return &made{pick: b.Pick, update: b.Update, ordered: yes}
		})},
		{"spills under Ordered", "Ordered", "whatever depths", spoiltPick(kh, func(b balance.Balancer, key uint64, v *balance.View) int {
			i := b.Pick(key, v)
			if i != balance.Full && v.Depth[i] == v.Cap[i] {
				return b.Pick(key+1, v)
			}
			return i
		})},
		{"moves keys as time goes by", "Ordered", "went to worker", spoiltPick(kh, func(b balance.Balancer, key uint64, v *balance.View) int {
			return b.Pick(key+uint64(v.Now>>36), v)
		})},
		{"moves keys in any Update", "Ordered", "went to worker", spoilt(kh, func(b balance.Balancer, _ *balance.View) balance.Balancer {
			var salt uint64
			return &made{ordered: yes,
				pick:   func(key uint64, v *balance.View) int { return b.Pick(key+salt, v) },
				update: func(v *balance.View) error { salt++; return b.Update(v) }}
		})},
		{"Ordered changes its mind", "Steady", "Ordered() was", spoilt(kh, func(b balance.Balancer, _ *balance.View) balance.Balancer {
			updates := 0
			return &made{pick: b.Pick, ordered: func() bool { return updates < 2 }, update: func(v *balance.View) error {
				updates++
				return b.Update(v)
			}}
		})},
		{"Ordered for some sizes", "Steady", "Ordered() was", spoilt(kh, func(b balance.Balancer, v *balance.View) balance.Balancer {
			few := v.N() <= 8
			return &made{pick: b.Pick, update: b.Update, ordered: func() bool { return few }}
		})},
		{"shared counter", "Unshared", "share no state", func(*balance.View) (balance.Balancer, error) {
			return &made{ordered: no, update: noUpdate, pick: func(_ uint64, v *balance.View) int {
				if v.OpenCount() == 0 {
					return balance.Full
				}
				n := uint64(v.N())
				for {
					if i := int(shared.Add(1) % n); v.IsOpen(i) {
						return i
					}
				}
			}}, nil
		}},
		{"own seed, undeclared", "Unshared", "Options.Random", spoilt(kh, func(b balance.Balancer, _ *balance.View) balance.Balancer {
			seed := shared.Add(1)
			return &made{ordered: yes, update: b.Update, pick: func(key uint64, v *balance.View) int { return b.Pick(key^seed, v) }}
		})},
		{"writes Depth in Pick", "ViewUntouched", "Pick changed Depth", spoiltPick(rr, func(b balance.Balancer, key uint64, v *balance.View) int {
			i := b.Pick(key, v)
			if i != balance.Full {
				v.Depth[i]++
			}
			return i
		})},
		{"writes Weight in Update", "ViewUntouched", "Update changed Weight", spoilt(rr, func(b balance.Balancer, _ *balance.View) balance.Balancer {
			return &made{pick: b.Pick, ordered: no, update: func(v *balance.View) error {
				if v.N() > 0 {
					v.Weight[0]++
				}
				return b.Update(v)
			}}
		})},
		{"writes Now in the Policy", "ViewUntouched", "the Policy changed Now", spoilt(rr, func(b balance.Balancer, v *balance.View) balance.Balancer {
			v.Now = 1
			return b
		})},
		{"keeps the View", "ViewNotKept", "does not keep the View", spoilt(kh, func(b balance.Balancer, kept *balance.View) balance.Balancer {
			return &made{ordered: no,
				update: func(v *balance.View) error { kept = v; return b.Update(v) },
				pick:   func(key uint64, v *balance.View) int { return b.Pick(key+uint64(kept.Weight[0]), v) }}
		})},
		{"keeps a bitmap", "ViewNotKept", "does not keep the View", spoilt(kh, func(b balance.Balancer, v *balance.View) balance.Balancer {
			open := v.Open
			return &made{ordered: no,
				update: func(v *balance.View) error { open = v.Open; return b.Update(v) },
				pick: func(key uint64, v *balance.View) int {
					for k := range v.N() {
						if i := int((key>>1 + uint64(k)) % uint64(v.N())); open[i/64]>>(i%64)&1 != 0 {
							return i
						}
					}
					return balance.Full
				}}
		})},
		{"allocates", "Allocations", "1024 calls of Pick made", spoiltPick(rr, func(b balance.Balancer, key uint64, v *balance.View) int {
			allocate()
			return b.Pick(key, v)
		})},
		{"allocates when full", "Allocations", "allocations", spoiltPick(rr, func(b balance.Balancer, key uint64, v *balance.View) int {
			i := b.Pick(key, v)
			if i != balance.Full && v.Depth[i] == v.Cap[i] {
				allocate()
			}
			return i
		})},
		{"allocates now and then", "Allocations", "allocations", spoilt(rr, func(b balance.Balancer, _ *balance.View) balance.Balancer {
			picks := 0
			return &made{ordered: no, update: b.Update, pick: func(key uint64, v *balance.View) int {
				if picks++; picks%500 == 0 {
					allocate()
				}
				return b.Pick(key, v)
			}}
		})},
	} {
		t.Run(f.name, func(t *testing.T) {
			got := inspect(f.policy, Options{})
			require.Contains(t, got, f.check, "not found by its check")
			require.Contains(t, got[f.check][0], f.says)
			require.Contains(t, got[f.check][0], "the contract: ")
		})
	}
}
