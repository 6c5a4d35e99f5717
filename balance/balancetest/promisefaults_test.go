package balancetest

import (
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/stretchr/testify/require"
)

// promising is a balancer that says what it is told to say.
type promising struct {
	balance.Balancer
	sticky, ordered func() bool
	reads           func() balance.Reads
}

func (p promising) Sticky() bool         { return p.sticky() }
func (p promising) Ordered() bool        { return p.ordered() }
func (p promising) Reads() balance.Reads { return p.reads() }

// promise makes the balancers of next say other things than they do.
func promise(next balance.Policy, change func(p *promising)) balance.Policy {
	return spoilt(next, func(b balance.Balancer, _ *balance.View) balance.Balancer {
		p := promising{b, func() bool { return balance.IsSticky(b) }, b.Ordered, func() balance.Reads { return balance.ReadsOf(b) }}
		change(&p)
		return p
	})
}

func readsOnly(r balance.Reads) func(p *promising) {
	return func(p *promising) { p.reads = func() balance.Reads { return r } }
}

func saysSticky(p *promising) { p.sticky = yes }

// Promises beyond Ordered, broken one by one.
func TestFindsBrokenPromises(t *testing.T) {
	rr, kh, ll := balance.RoundRobin(), balance.KeyHash(), balance.LeastLoaded()
	sticky := balance.StickyInFlight(1024, ll)
	const nonsense = "shown nonsense"
	for _, f := range []struct {
		name, check, says string // says "": sound
		policy            balance.Policy
	}{
		{"sound", "", "", promise(sticky, func(*promising) {})},
		{"Sticky that moves keys in Updates", "Sticky", "also across Updates", promise(kh, saysSticky)},
		{"Sticky without Ordered", "Sticky", "includes Ordered", promise(rr, saysSticky)},
		{"Sticky that moves keys of closed workers", "Sticky", "also across Updates", promise(movesAtOnce, saysSticky)},
		{"Sticky that never lets go", "Sticky", "got Full", promise(spoiltPick(kh, neverLetsGo), saysSticky)},
		{"Ordered by Depth", "Ordered", "while items of it were waiting", byDepth},
		{"Ordered by less than was sent", "Ordered", "while items of it were waiting", halfTaken},
		{"reads Depth in silence", "Frugal", nonsense, promise(ll, readsOnly(balance.ReadsTaken|balance.ReadsNow))},
		{"reads Taken in silence", "Frugal", nonsense, promise(balance.StickyInFlight(1024, rr), readsOnly(balance.ReadsDepth|balance.ReadsNow))},
		{"reads Now in silence", "Frugal", nonsense, promise(balance.Flowlet(1024, 1<<20, rr), readsOnly(balance.ReadsDepth|balance.ReadsTaken))},
		{"reads all in silence", "Frugal", nonsense, promise(sticky, readsOnly(0))},
		{"says less only later", "Steady", "Reads() was", promise(ll, func(p *promising) {
			asked := 0
			p.reads = func() balance.Reads {
				if asked++; asked > 3 {
					return 0
				}
				return balance.ReadsDepth
			}
		})},
		{"Sticky changes its mind", "Steady", "Sticky() was", promise(sticky, func(p *promising) {
			asked := 0
			p.sticky = func() bool { asked++; return asked < 3 }
		})},
	} {
		t.Run(f.name, func(t *testing.T) {
			got := inspect(f.policy, Options{})
			if f.says == "" {
				require.Empty(t, got)
				return
			}
			require.Contains(t, got, f.check, "not found by its check")
			require.Contains(t, got[f.check][0], f.says)
			require.Contains(t, got[f.check][0], "the contract: ")
		})
	}
}

// A PickBatch that looks where Pick does not.
func TestFindsBatchesThatReadInSilence(t *testing.T) {
	got := inspect(spoilt(balance.RoundRobin(), func(b balance.Balancer, _ *balance.View) balance.Balancer {
		return promisedBatch{batching{b, func(b balance.Balancer, keys []uint64, v *balance.View, out []int) {
			loop(b, keys, v, out)
			for i, d := range v.Depth {
				if d > laneCap && v.IsOpen(i) {
					out[0] = i
				}
			}
		}}}
	}), Options{Workers: []int{8}})
	require.Contains(t, got, "Frugal")
	require.Contains(t, got["Frugal"][0], "PickBatch picked")
}

type promisedBatch struct{ batching }

func (promisedBatch) Reads() balance.Reads { return 0 }

// homes is where keys went last, and what was sent there then.
type homes map[uint64]*trail

// clingy makes a policy that says Ordered of RoundRobin: a key stays while stays says so, and is dealt anew if not.
func clingy(stays func(h *trail, v *balance.View) bool) balance.Policy {
	return spoilt(balance.RoundRobin(), func(b balance.Balancer, _ *balance.View) balance.Balancer {
		at := homes{}
		return &made{ordered: yes, update: b.Update, pick: func(key uint64, v *balance.View) int {
			h := at[key]
			if h != nil && h.worker < v.N() && stays(h, v) && v.IsOpen(h.worker) {
				h.mark = v.Sent[h.worker] + 1
				return h.worker
			}
			i := b.Pick(key, v)
			if i != balance.Full {
				at[key] = &trail{i, v.Sent[i] + 1}
			}
			return i
		}}
	})
}

var (
	// movesAtOnce is right but for closed workers.
	movesAtOnce = clingy(func(h *trail, v *balance.View) bool { return v.Taken[h.worker] < min(h.mark, v.Sent[h.worker]) })

	// byDepth takes a worker that nothing waits for to have taken all.
	byDepth = clingy(func(h *trail, v *balance.View) bool { return v.Depth[h.worker] > 0 })

	// halfTaken does not wait for the last of a key's items.
	halfTaken = clingy(func(h *trail, v *balance.View) bool { return v.Taken[h.worker]+1 < min(h.mark, v.Sent[h.worker]) })
)

// neverLetsGo keeps keys where they were first, open or not.
func neverLetsGo(_ balance.Balancer, key uint64, v *balance.View) int {
	if v.N() == 0 {
		return balance.Full
	}
	if first := int(balance.Mix(key) % uint64(v.N())); v.IsOpen(first) {
		return first
	}
	return balance.Full
}
