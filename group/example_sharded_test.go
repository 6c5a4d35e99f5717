package group_test

import (
	"context"
	"fmt"
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// A map that is split over the workers. No lock guards it: code goes to the data.
func ExampleNewSharded() {
	g, err := group.New(group.Config[exec.Task]{Workers: 2})
	if err != nil {
		panic(err)
	}
	users, err := group.NewSharded(g, func(*exec.Local, int) (map[uint64]string, error) {
		return map[uint64]string{}, nil
	})
	if err != nil {
		panic(err)
	}
	_ = g.Start()
	ctx := context.Background()
	for id, name := range []string{"Ada", "Barbara", "Grace"} {
		_, _ = group.InvokeKey(ctx, users, uint64(id), func(_ *exec.Local, shard *map[uint64]string) (int, error) {
			(*shard)[uint64(id)] = name
			return 0, nil
		})
	}
	name, err := group.InvokeKey(ctx, users, 1, func(_ *exec.Local, shard *map[uint64]string) (string, error) {
		return (*shard)[1], nil
	})
	fmt.Println(name, err)
	size := func(_ *exec.Local, shard *map[uint64]string) (int, error) { return len(*shard), nil }
	n, err := group.MapReduce(ctx, users, size, 0, func(sum, n int) int { return sum + n })
	fmt.Println(n, err)
	_, _ = g.Drain(ctx)
	// Output:
	// Barbara <nil>
	// 3 <nil>
}

// A shutdown ends what can end, and reports what it had to leave.
func ExampleGroup_Shutdown() {
	g, err := group.New(group.Config[exec.Task]{})
	if err != nil {
		panic(err)
	}
	_ = g.Start()
	_ = g.TrySend(exec.Func(func(l *exec.Local) {
		_, _ = exec.Go(l, func(co *exec.Co) (int, error) {
			co.CancelOnDrain() // it serves for as long as there is something to serve
			return 0, co.Sleep(time.Hour)
		})
		_, _ = exec.Go(l, func(co *exec.Co) (int, error) {
			defer fmt.Println("finished")
			return 0, co.Sleep(10 * time.Millisecond)
		})
	}))
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	report, err := g.Shutdown(ctx)
	fmt.Println(len(report.Undone), len(report.Tasks), report.Cancelled, err)
	// Output:
	// finished
	// 0 0 1 <nil>
}
