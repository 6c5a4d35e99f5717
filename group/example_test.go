package group_test

import (
	"context"
	"fmt"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// Packets of one flow go to one worker, which counts them without a lock.
func Example() {
	type packet struct {
		flow uint64
		size int
	}
	const workers = 2
	var bytes [workers]map[uint64]int
	g, err := group.New(group.Config[packet]{
		Workers: workers,
		Balance: balance.KeyHash(),
		Key:     func(p *packet) uint64 { return p.flow },
		OnFull:  group.Block(context.Background()),
		Worker: func(_ *exec.Local, id int) (group.Handler[packet], error) {
			flows := map[uint64]int{} // this worker's own
			bytes[id] = flows
			return group.HandlerFunc[packet](func(_ *exec.Local, batch []packet) int {
				for _, p := range batch {
					flows[p.flow] += p.size
				}
				return len(batch)
			}), nil
		},
	})
	if err != nil {
		panic(err)
	}
	if err := g.Start(); err != nil {
		panic(err)
	}
	p, err := g.Producer()
	if err != nil {
		panic(err)
	}
	for i := range 1000 {
		_ = p.Send(packet{flow: uint64(i % 3), size: 100})
	}
	undone, err := g.Drain(context.Background())
	fmt.Println(len(undone), err)
	for flow := range uint64(3) {
		fmt.Println(flow, bytes[0][flow]+bytes[1][flow])
	}
	// Output:
	// 0 <nil>
	// 0 33400
	// 1 33300
	// 2 33300
}

// A pipeline inside one group: worker 0 parses and forwards to worker 1.
func ExampleForwarder() {
	var sum int
	var g *group.Group[int]
	g, err := group.New(group.Config[int]{
		Workers: 2,
		Worker: func(l *exec.Local, id int) (group.Handler[int], error) {
			next, err := g.Forwarder(l)
			return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
				for i, v := range batch {
					if id == 1 {
						sum += v
					} else if next.SendTo(1, v*v) != nil {
						return i // hold back what could not be forwarded
					}
				}
				return len(batch)
			}), err
		},
	})
	if err != nil {
		panic(err)
	}
	_ = g.Start()
	p, _ := g.Producer()
	for i := range 10 {
		_ = p.SendTo(0, i)
	}
	_, _ = g.Drain(context.Background())
	fmt.Println(sum)
	// Output: 285
}
