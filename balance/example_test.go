package balance_test

import (
	"fmt"

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
