package main

import (
	"context"
	"fmt"
	"io"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// sharded: each worker has a map of its own; a key lives where balance.KeyHash sends its items.
func sharded(w io.Writer) error {
	type shard struct{ visits map[uint64]int }
	g, err := group.New(group.Config[exec.Task]{Workers: 2})
	if err != nil {
		return err
	}
	counters, err := group.NewSharded(g, func(*exec.Local, int) (shard, error) {
		return shard{map[uint64]int{}}, nil
	})
	if err != nil {
		return err
	}
	if err := g.Start(); err != nil {
		return err
	}
	ctx := context.Background()
	for i := range uint64(100) {
		user := i % 10
		_, err := group.InvokeKey(ctx, counters, user, func(_ *exec.Local, s *shard) (int, error) {
			s.visits[user]++
			return s.visits[user], nil
		})
		if err != nil {
			return err
		}
	}
	users, err := group.InvokeAll(ctx, counters, func(_ *exec.Local, s *shard) (int, error) { return len(s.visits), nil })
	fmt.Fprintln(w, "users of each shard:", users, err)
	sum := func(_ *exec.Local, s *shard) (n int, _ error) {
		for _, v := range s.visits {
			n += v
		}
		return n, nil
	}
	total, err := group.MapReduce(ctx, counters, sum, 0, func(total, n int) int { return total + n })
	fmt.Fprintln(w, "visits in all:", total, err)
	_, err = g.Drain(ctx)
	return err
}
