package balancetest_test

import (
	"fmt"
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/balance/balancetest"
)

// In the tests of a policy, one function with one line.
func Example() {
	TestMyPolicy := func(t *testing.T) {
		balancetest.Run(t, balance.BoundedDepth(8, balance.KeyHash())) // here: yours
	}
	fmt.Printf("%T\n", TestMyPolicy)
	// Output: func(*testing.T)
}

// A policy for at most 64 workers that prefers one of them.
func ExampleRunWith() {
	TestMyPolicy := func(t *testing.T) {
		balancetest.RunWith(t, balance.RoundRobin(), balancetest.Options{
			Workers: []int{1, 2, 63, 64},
			MayPack: true,
		})
	}
	fmt.Printf("%T\n", TestMyPolicy)
	// Output: func(*testing.T)
}
