package ring_test

import (
	"fmt"
	"sync"

	"github.com/pushcore/pushcore/ring"
)

func ExampleSPSC() {
	r := ring.NewSPSC[int](3)
	fmt.Println(r.PushBatch([]int{1, 2, 3, 4}), r.Len(), r.Free())
	dst := make([]int, 8)
	n := r.PopBatch(dst)
	fmt.Println(dst[:n])
	// Output:
	// 3 3 0
	// [1 2 3]
}

// Stage makes batches out of items that come one at a time.
func ExampleSPSC_Stage() {
	r := ring.NewSPSC[string](8)
	r.Stage("a")
	r.Stage("b")
	fmt.Println(r.Len())
	r.Flush()
	fmt.Println(r.Len())
	// Output:
	// 0
	// 2
}

// Reserve and Peek lend the slots: nothing is copied.
func ExampleSPSC_Reserve() {
	r := ring.NewSPSC[[1500]byte](4)
	frames, _ := r.Reserve(2) // the second part is not empty where the ring wraps
	copy(frames[0][:], "hello")
	r.Commit(1)
	in, _ := r.Peek(1)
	fmt.Printf("%s\n", in[0][:5])
	r.Release(1)
	// Output: hello
}

func ExampleMPSC() {
	r := ring.NewMPSC[int](64)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() { r.PushAll([]int{i, i}) }) // next to each other
	}
	wg.Wait()
	r.Close() // what was accepted can still be taken
	fmt.Println(r.Push(1), r.Len())
	// Output: false 8
}
