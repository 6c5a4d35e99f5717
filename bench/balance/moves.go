package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/balance/balancesim"
)

// moveKeys is how many keys are looked at, drawn at random.
const moveKeys = 200_000

// writeMoves writes what share of the keys changes workers when one comes or goes, and how evenly keys are spread, for
// the policies that keep keys where they are otherwise.
func writeMoves(ctx context.Context, w io.Writer, o options) error {
	fmt.Fprintf(w, "Moved: %d random keys, seed %d, %d workers; "+
		"the least possible is %s when one comes, %s when one goes.\n\n",
		moveKeys, o.seed, o.workers, percent(1/float64(o.workers+1)), percent(1/float64(o.workers)))
	fmt.Fprintln(w, "| policy | max/mean keys | one more comes | the last one goes | one in the middle goes |")
	fmt.Fprintln(w, "|---|---|---|---|---|")
	rng := rand.New(rand.NewPCG(o.seed, 0))
	keys := make([]uint64, moveKeys)
	for i := range keys {
		keys[i] = rng.Uint64()
	}
	for _, c := range o.contenders(o.unit) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := moves(w, c, keys, o.workers); err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	return nil
}

func moves(w io.Writer, c balancesim.Contender, keys []uint64, n int) error {
	all, err := homes(c.Policy, keys, n, func(int) bool { return true })
	if err != nil {
		return err
	}
	again, err := homes(c.Policy, keys, n, func(int) bool { return true })
	if err != nil || moved(all, again) > 0 {
		return err // it does not keep keys
	}
	counts, most := make([]int, n), 0
	for _, i := range all {
		counts[i]++
		most = max(most, counts[i])
	}
	fmt.Fprintf(w, "| %s | %.3f |", c.Name, float64(most)*float64(n)/float64(len(keys)))
	for _, change := range []struct {
		workers int
		open    func(i int) bool
	}{
		{n + 1, func(int) bool { return true }},
		{n, func(i int) bool { return i != n-1 }},
		{n, func(i int) bool { return i != n/2 }},
	} {
		then, err := homes(c.Policy, keys, change.workers, change.open)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, " %s |", percent(moved(all, then)))
	}
	fmt.Fprintln(w)
	return nil
}

// homes returns the worker of each key, with all workers idle. Keys come in an order of their own for each call, so
// that a policy that goes by more than the key does not look as if it kept them.
func homes(p balance.Policy, keys []uint64, n int, open func(i int) bool) ([]int, error) {
	v := balance.NewView(n)
	for i := range n {
		v.SetOpen(i, open(i))
	}
	b, err := p(v)
	if err != nil {
		return nil, err
	}
	at := make([]int, len(keys))
	for _, k := range rand.Perm(len(keys)) {
		if at[k] = b.Pick(keys[k], v); at[k] == balance.Full {
			return nil, fmt.Errorf("key %#x was refused, with all workers idle", keys[k])
		}
	}
	return at, nil
}

// moved is the share of keys that are not where they were.
func moved(was, now []int) float64 {
	n := 0
	for k := range was {
		if was[k] != now[k] {
			n++
		}
	}
	return float64(n) / float64(len(was))
}

func percent(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) }
