package exec_test

import (
	"context"
	"fmt"
	"runtime/pprof"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// What an Exec has done, and how long things have taken, between two looks.
func ExampleExec_Snapshot() {
	x, err := exec.New(exec.Config{Name: "worker"})
	if err != nil {
		panic(err)
	}
	if err := x.Start(); err != nil {
		panic(err)
	}
	defer x.Stop()
	before := x.Snapshot()
	for range 10 {
		_, _ = exec.Call(context.Background(), x, func(*exec.Local) (int, error) {
			time.Sleep(time.Millisecond)
			return 0, nil
		})
	}
	after := x.Snapshot()
	for after.Tasks < before.Tasks+10 { // a loop shows what it has done when it sleeps, or a little later
		time.Sleep(time.Millisecond)
		after = x.Snapshot()
	}
	ran := after.RunTime.Since(&before.RunTime)
	fmt.Println("tasks:", after.Tasks-before.Tasks)
	fmt.Println("half of them took more than a millisecond:", ran.Quantile(0.5) > time.Millisecond)
	fmt.Println("busy for more than ten:", after.Busy-before.Busy > 10*time.Millisecond)
	// Output:
	// tasks: 10
	// half of them took more than a millisecond: true
	// busy for more than ten: true
}

// A task that keeps its loop from working is told of while it does.
func ExampleStall() {
	stalls := make(chan exec.Stall, 1)
	x, err := exec.New(exec.Config{
		Name:       "worker",
		StallAfter: 50 * time.Millisecond,
		OnStall:    func(s exec.Stall) { stalls <- s },
	})
	if err != nil {
		panic(err)
	}
	if err := x.Start(); err != nil {
		panic(err)
	}
	defer x.Stop()
	answer := make(chan int)
	x.TrySend(exec.Func(func(*exec.Local) { <-answer })) // what no task may do
	s := <-stalls
	fmt.Printf("%s is in a %s\n", s.Exec, s.Kind)
	close(answer)
	// Output:
	// worker is in a task
}

// Labels of one's own in profiles, beside those of the loop.
func ExampleLocal_Context() {
	x, err := exec.New(exec.Config{Name: "worker"})
	if err != nil {
		panic(err)
	}
	if err := x.Start(); err != nil {
		panic(err)
	}
	defer x.Stop()
	shown, _ := exec.Call(context.Background(), x, func(l *exec.Local) (shown string, err error) {
		pprof.Do(l.Context(), pprof.Labels("request", "GET"), func(ctx context.Context) {
			worker, _ := pprof.Label(ctx, "exec")
			request, _ := pprof.Label(ctx, "request")
			shown = worker + " " + request
		})
		return shown, nil
	})
	fmt.Println(shown)
	// Output: worker GET
}
