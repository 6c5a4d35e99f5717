package group_test

import (
	"context"
	"fmt"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// Visits are counted by page, each page on one worker. When a worker comes, the counts of the pages that it gets come
// with them.
func ExampleGroup_Add() {
	type visit struct{ page uint64 }
	counts := make([]map[uint64]int, 3) // each worker's own
	ctx := context.Background()
	g, err := group.New(group.Config[visit]{
		Workers: 2, MaxWorkers: 3,
		Balance: balance.KeyHash(),
		Key:     func(v *visit) uint64 { return v.page },
		OnFull:  group.Block(ctx),
		Worker: func(_ *exec.Local, id int) (group.Handler[visit], error) {
			counts[id] = map[uint64]int{}
			return group.HandlerFunc[visit](func(_ *exec.Local, batch []visit) int {
				for _, v := range batch {
					counts[id][v.page]++
				}
				return len(batch)
			}), nil
		},
		Release: func(_ *exec.Local, id int, leaves func(page uint64) bool) (ps []group.Parcel) {
			for page, n := range counts[id] {
				if leaves(page) {
					ps = append(ps, group.Parcel{Key: page, State: n})
					delete(counts[id], page)
				}
			}
			return ps
		},
		Adopt: func(_ *exec.Local, id int, ps []group.Parcel) error {
			for _, p := range ps {
				counts[id][p.Key] = p.State.(int)
			}
			return nil
		},
	})
	if err != nil {
		panic(err)
	}
	if err := g.Start(); err != nil {
		panic(err)
	}
	visitAll := func() {
		for page := range uint64(100) {
			_ = g.Send(ctx, visit{page})
		}
	}
	visitAll()
	id, err := g.Add(ctx)
	fmt.Println(id, err)
	visitAll()
	fmt.Println(g.Remove(ctx, 0))
	visitAll()
	_, _ = g.Drain(ctx)
	pages, exact := 0, true
	for _, mine := range counts {
		pages += len(mine)
		for _, n := range mine {
			exact = exact && n == 3
		}
	}
	fmt.Println(pages, exact, len(counts[0]))
	// Output:
	// 2 <nil>
	// <nil>
	// 100 true 0
}
