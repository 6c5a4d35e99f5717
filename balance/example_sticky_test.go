package balance_test

import (
	"fmt"

	"github.com/pushcore/pushcore/balance"
)

// A key stays where its items are, and moves when none are in flight.
func ExampleStickyInFlight() {
	v := balance.NewView(3)
	b, err := balance.StickyInFlight(1024, balance.RoundRobin())(v)
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 3 {
		i := b.Pick(42, v)
		v.Sent[i]++ // the item is sent
		fmt.Println("in flight: worker", i)
	}
	v.Taken[0] = 3
	fmt.Println("all taken: worker", b.Pick(42, v))
	// Output:
	// in flight: worker 0
	// in flight: worker 0
	// in flight: worker 0
	// all taken: worker 1
}

// Two producers keep a key on one worker between them.
func ExampleShared() {
	policy := balance.Shared(balance.StickyInFlight(1024, balance.RoundRobin()))
	for producer := range 2 {
		v := balance.NewView(3)
		b, err := policy(v)
		if err != nil {
			fmt.Println(err)
			return
		}
		for key := range uint64(2) {
			i := b.Pick(key, v)
			v.Sent[i]++ // the item is sent
			fmt.Printf("producer %d: key %d to worker %d\n", producer, key, i)
		}
	}
	// Output:
	// producer 0: key 0 to worker 0
	// producer 0: key 1 to worker 1
	// producer 1: key 0 to worker 0
	// producer 1: key 1 to worker 1
}
