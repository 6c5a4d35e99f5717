package balance_test

import (
	"fmt"
	"slices"

	"github.com/pushcore/pushcore/balance"
)

// A group does this for each of its producers; by hand it takes a View and a Policy.
func Example() {
	v := balance.NewView(3)
	b, err := balance.RoundRobin()(v)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(b.Pick(0, v), b.Pick(0, v), b.Pick(0, v), b.Pick(0, v))

	v.SetOpen(1, false) // worker 1 leaves
	if err := b.Update(v); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(b.Pick(0, v), b.Pick(0, v), b.Pick(0, v))
	// Output:
	// 0 1 2 0
	// 2 0 2
}

func ExampleKeyHash() {
	v := balance.NewView(8)
	b, err := balance.KeyHash()(v)
	if err != nil {
		fmt.Println(err)
		return
	}
	const user, other = 1001, 1002
	home := b.Pick(user, v)
	fmt.Println(b.Pick(user, v) == home, b.Pick(other, v) == home)
	// Output: true false
}

func ExampleBoundedDepth() {
	v := balance.NewView(2)
	b, err := balance.BoundedDepth(2, balance.RoundRobin())(v)
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 5 {
		i := b.Pick(0, v)
		if i == balance.Full {
			fmt.Println("full: both workers have two items waiting")
			continue
		}
		v.Depth[i]++ // the producer counts what it sends
		fmt.Println("worker", i)
	}
	// Output:
	// worker 0
	// worker 1
	// worker 0
	// worker 1
	// full: both workers have two items waiting
}

// Weights 5, 1 and 1: the light workers get their items between those of the heavy one, not after them.
func ExampleSmoothWeighted() {
	v := balance.NewView(3)
	v.Weight[0] = 5
	b, err := balance.SmoothWeighted()(v)
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 7 {
		fmt.Print(b.Pick(0, v), " ")
	}
	// Output: 0 0 1 0 2 0 0
}

// Two choices against one, with a thousand items for a hundred workers that take none meanwhile: the deepest queue is
// where the difference shows. The mean is 10.
func ExamplePowerOfTwo() {
	for _, p := range []struct {
		name   string
		policy balance.Policy
	}{
		{"one choice", balance.Random(1)},
		{"two choices", balance.PowerOfTwo(1)},
		{"all looked at", balance.LeastLoaded()},
	} {
		v := balance.NewView(100)
		b, err := p.policy(v)
		if err != nil {
			fmt.Println(err)
			return
		}
		for range 1000 {
			v.Depth[b.Pick(0, v)]++
		}
		fmt.Println(p.name, slices.Max(v.Depth))
	}
	// Output:
	// one choice 18
	// two choices 12
	// all looked at 10
}

// With at most one item at each worker, the third waits with the sender until somebody is free: whoever that is.
func ExampleJBSQ() {
	v := balance.NewView(2)
	b, err := balance.JBSQ(1)(v)
	if err != nil {
		fmt.Println(err)
		return
	}
	for item := 1; item <= 3; {
		i := b.Pick(0, v)
		if i == balance.Full {
			fmt.Println("item", item, "waits")
			v.Depth[1] = 0 // worker 1 has done with its item: the group refreshes the view
			continue
		}
		v.Depth[i]++
		fmt.Println("item", item, "to worker", i)
		item++
	}
	// Output:
	// item 1 to worker 0
	// item 2 to worker 1
	// item 3 waits
	// item 3 to worker 1
}

// A key stays where its data is in the cache, unless too much waits there.
func ExampleFallback() {
	v := balance.NewView(4)
	b, err := balance.Fallback(balance.BoundedDepth(2, balance.KeyHash()), balance.LeastLoaded())(v)
	if err != nil {
		fmt.Println(err)
		return
	}
	const user = 1001
	home := b.Pick(user, v)
	for range 4 {
		i := b.Pick(user, v)
		v.Depth[i]++
		fmt.Print(i == home, " ")
	}
	fmt.Println(b.Ordered())
	// Output: true true false false false
}

// Why did the item with key 1 go to worker 1? The trace tells.
func ExampleTraced() {
	trace := balance.NewTrace(1, 100)
	v := balance.NewView(2)
	b, err := balance.Traced(trace, balance.LeastLoaded())(v)
	if err != nil {
		fmt.Println(err)
		return
	}
	for key := range uint64(3) {
		i := b.Pick(key, v)
		v.Depth[i]++
	}
	for _, d := range trace.Snapshot() {
		fmt.Println(d)
	}
	// Output:
	// 0/0 key 0x0 -> worker 0 of depths [0 0]
	// 0/1 key 0x1 -> worker 1 of depths [1 0]
	// 0/2 key 0x2 -> worker 0 of depths [1 1]
}

// A balancer of one's own: package documentation explains it, type leastLoaded in the tests is the same code.
func Example_ownBalancer() {
	v := balance.NewView(3)
	b, err := LeastLoaded()(v)
	if err != nil {
		fmt.Println(err)
		return
	}
	v.Depth[0], v.Depth[1], v.Depth[2] = 3, 1, 2
	for range 4 {
		i := b.Pick(0, v)
		v.Depth[i]++
		fmt.Print(i, " ")
	}
	// Output: 1 2 1 2
}

func ExampleView_AppendOpen() {
	v := balance.NewView(5)
	v.SetOpen(2, false)
	fmt.Println(v.AppendOpen(nil), v.OpenCount(), v.N())
	// Output: [0 1 3 4] 4 5
}
