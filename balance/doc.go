// Package balance decides where work goes: given a key and what a producer knows about its workers, a [Balancer] names
// the worker that gets the item.
//
// A Balancer is used by one producer only and is never called concurrently: its state needs no atomics, and two
// producers never meet on a shared counter, unless [Shared] is asked to make what a policy promises hold for all of
// them together. A [Policy] makes one Balancer per producer. Everything here is a pure decision: nothing starts
// goroutines, touches rings or reads clocks, so a Balancer can be tested and simulated with a [View] made by hand.
//
// # What there is
//
//	policy          cost of a pick             Ordered   when a worker comes or goes
//	RoundRobin      1 load, 1 add              no        the rotation goes on where it was
//	SmoothWeighted  1 add per open worker      no        what a worker is owed stays
//	Random          2 multiplications, 1 load  no        nothing
//	PowerOfTwo      3 multiplications, 2 loads no        nothing
//	PowerOf         d draws, d loads           no        nothing
//	LeastLoaded     1 load per open worker     no        nothing
//	JoinIdle        1 load, or all and next's  no        as next
//	JBSQ            as LeastLoaded             no        nothing
//
//	KeyHash         3 multiplications, 1 load  yes       a quarter to a half of the keys move
//	Jump            about ln n steps           yes       its keys move, no others
//	Rendezvous      1 multiplication a worker  yes       its keys move, no others; weights
//	Maglev          3 multiplications, 1 load  yes       its keys move, and few others; weights
//	BoundedLoad     1 to 3 passes over all     no        its keys move, and those that overflow; weights
//	RSS             2 loads, 1 store           yes       its buckets move when they are idle
//	StickyInFlight  hash, 3 loads, or next's   yes       keys move when nothing of them is in flight
//	Flowlet         hash, 1 load, or next's    no        keys of a closed worker move, others in their pauses
//	StickySpill     owner's, hash, 2 loads     no        as owner, and what had spilled to a closed worker
//
//	BoundedDepth    next's and 1 load          next's    as next
//	Fallback        a's, or a's and b's        no        as a and b
//	Traced          next's, a lock, a copy     next's    as next
//	Shared          next's, a mutex, O(n)      next's    as next
//
// A [Rebalancer] moves buckets of RSS from workers that have much to those that have little. Package key makes keys
// from bytes, as network cards, Kafka and Redis do; package balancesim shows how a policy queues.
//
// # Writing your own
//
// Three methods and a constructor make a policy. This is LeastLoaded, were it not here:
//
//	type leastLoaded struct{ last int }
//
//	func LeastLoaded() balance.Policy {
//		return func(v *balance.View) (balance.Balancer, error) {
//			b := &leastLoaded{last: -1}
//			return b, b.Update(v)
//		}
//	}
//
//	func (b *leastLoaded) Pick(_ uint64, v *balance.View) int {
//		best := balance.Full
//		for k := 1; k <= v.N(); k++ {
//			i := (b.last + k) % v.N() // ties go round: see below
//			if v.IsOpen(i) && (best == balance.Full || v.Depth[i] < v.Depth[best]) {
//				best = i
//			}
//		}
//		if best != balance.Full {
//			b.last = best
//		}
//		return best
//	}
//
//	func (b *leastLoaded) Update(v *balance.View) error {
//		if v.OpenCount() == 0 {
//			return balance.ErrNoWorker
//		}
//		return nil
//	}
//
//	func (b *leastLoaded) Ordered() bool { return false }
//
// Points that are easy to get wrong, all of which package balancetest checks (one line: balancetest.Run(t,
// LeastLoaded())):
//
//   - All state belongs in the Balancer, made afresh for each call of the Policy. A counter in the closure of the Policy
//     would be shared by producers that run at the same time.
//   - Break ties by turns. A balancer that prefers the lowest index sends every item of an idle group to worker 0.
//   - Keep keys unsigned. int(key) % n is negative for half of all hashes.
//   - Prepare in Update, decide in Pick. Update may allocate and take its time; Pick runs per item and must not allocate.
//   - Depths are as old as the last refresh. The producer counts what it sends at once, so that a balancer sees its own
//     picks; what workers take, and what others send, shows at the next refresh.
//   - Ordered is a promise: see [Balancer]. In doubt return false.
//   - Read time from [View.Now] and draw randomness from a generator in the Balancer, so that runs can be repeated.
//   - Implement [Frugal]: a balancer that does not say what it reads pays for everything.
//   - Implement [BatchPicker] only when a measurement asks for it.
package balance
