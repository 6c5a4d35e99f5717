package balance_test

import (
	"fmt"

	"github.com/pushcore/pushcore/balance"
)

// Names keep keys in place when the list of workers changes its order.
func ExampleRendezvous() {
	v := balance.NewView(3)
	a, err := balance.Rendezvous("ann", "bob", "cid")(v)
	if err != nil {
		fmt.Println(err)
		return
	}
	b, err := balance.Rendezvous("cid", "ann", "bob")(v)
	if err != nil {
		fmt.Println(err)
		return
	}
	same := 0
	for key := range uint64(1000) {
		if a.Pick(key, v) == (b.Pick(key, v)+2)%3 {
			same++
		}
	}
	fmt.Println(same, "of 1000 keys are where they were")
	// Output: 1000 of 1000 keys are where they were
}

func ExampleMaglev() {
	v := balance.NewView(3)
	if _, err := balance.Maglev(4096)(v); err != nil {
		fmt.Println(err)
	}
	b, err := balance.Maglev(4099)(v)
	if err != nil {
		fmt.Println(err)
		return
	}
	home := b.Pick(42, v)
	v.SetOpen((home+1)%3, false) // another one leaves
	if err := b.Update(v); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(b.Pick(42, v) == home)
	// Output:
	// balance: the size of a Maglev table must be a prime number, which 4096 is not (the next one is 4099)
	// true
}

// All items have one key. A worker gets 1.5 times the average at most.
func ExampleBoundedLoad() {
	v := balance.NewView(4)
	b, err := balance.BoundedLoad(0.5)(v)
	if err != nil {
		fmt.Println(err)
		return
	}
	most := uint64(0)
	for range 40 {
		i := b.Pick(7, v)
		v.Sent[i]++ // the producer counts what it sends
		most = max(most, v.Sent[i])
	}
	fmt.Println(most)
	// Output: 15
}

// A timer would do this every 100 ms or so.
func ExampleRebalancer() {
	table, err := balance.NewIndirection(4)
	if err != nil {
		fmt.Println(err)
		return
	}
	v := balance.NewView(2)
	b, err := balance.RSS(table)(v)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := balance.NewRebalancer(table, balance.RebalancerConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 6400 {
		b.Pick(0, v) // buckets 0 and 2 go to worker 0
		b.Pick(2, v)
	}
	plan, err := r.Plan(v)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range plan {
		fmt.Printf("bucket %d: from worker %d to worker %d\n", m.Bucket, m.From, m.To)
	}
	if err := r.Apply(plan); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(b.Pick(0, v), b.Pick(2, v))
	// Output:
	// bucket 0: from worker 0 to worker 1
	// 1 0
}
