package exec_test

import (
	"fmt"

	"github.com/pushcore/pushcore/exec"
)

// One loop takes packets out and another one gives them back. Both are stepped
// here; with Start each would have a thread of its own.
func ExampleNewPool() {
	type packet struct {
		n    int
		data [1500]byte
	}
	rx, _ := exec.New(exec.Config{Name: "rx"})
	tx, _ := exec.New(exec.Config{Name: "tx"})
	pool, err := exec.NewPool(rx, exec.PoolConfig[packet]{Name: "packets", MaxLive: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	sent, _ := exec.NewInbox(tx, exec.InboxConfig[*packet]{Handle: func(l *exec.Local, batch []*packet) int {
		for _, p := range batch {
			fmt.Printf("tx: %s\n", p.data[:p.n])
			pool.Put(l, p) // goes home to rx at the end of the turn
		}
		return len(batch)
	}})
	receive := exec.Func(func(l *exec.Local) {
		for _, s := range []string{"one", "two", "three"} {
			p := pool.Get(l)
			if p == nil {
				fmt.Println("rx: no packet left for", s)
				continue
			}
			p.n = copy(p.data[:], s)
			sent.TrySend(p)
		}
	})
	for range 2 {
		rx.TrySend(receive)
		rx.Step()
		tx.Step()
	}
	s := pool.Stats()
	fmt.Println("made", s.Misses, "for", s.Gets, "gets; free", s.Free, "leaked", s.Live)
	// Output:
	// rx: no packet left for three
	// tx: one
	// tx: two
	// rx: no packet left for three
	// tx: one
	// tx: two
	// made 2 for 4 gets; free 2 leaked 0
}
