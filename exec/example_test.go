package exec_test

import (
	"context"
	"fmt"
	"time"

	"github.com/pushcore/pushcore/exec"
)

func Example() {
	x, err := exec.New(exec.Config{Name: "worker"})
	if err != nil {
		panic(err)
	}
	if err := x.Start(); err != nil {
		panic(err)
	}
	sum := 0 // touched only by the loop: needs no lock
	for i := range 10 {
		_ = x.Send(context.Background(), exec.Func(func(*exec.Local) { sum += i }))
	}
	undone, err := x.Drain(context.Background())
	fmt.Println(sum, len(undone), err)
	// Output: 45 0 <nil>
}

// Values in batches are the fast way. Whoever sends steadily opens a lane.
func ExampleInbox() {
	x, _ := exec.New(exec.Config{})
	total := 0
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{
		Handle: func(_ *exec.Local, batch []int) int {
			for _, v := range batch {
				total += v
			}
			return len(batch)
		},
	})
	if err != nil {
		panic(err)
	}
	_ = x.Start()
	lane, _ := in.Lane()
	for i := range 100 {
		lane.Stage(i) // not visible yet
	}
	lane.Flush() // one publication for all
	_, _ = x.Drain(context.Background())
	fmt.Println(total)
	// Output: 4950
}

// A prepared task re-posts itself and costs no allocation.
type countdown struct{ left int }

func (c *countdown) Run(l *exec.Local) {
	if c.left--; c.left > 0 {
		l.Spawn(c)
	}
}

func ExampleLocal_Spawn() {
	x, _ := exec.New(exec.Config{})
	c := &countdown{left: 1000}
	x.TrySend(c)
	_ = x.Start()
	_, _ = x.Drain(context.Background())
	fmt.Println(c.left)
	// Output: 0
}

// Step drives the loop without threads, on a clock of the caller's.
func ExampleExec_Step() {
	var now time.Duration
	x, _ := exec.New(exec.Config{Clock: func() time.Duration { return now }})
	x.TrySend(exec.Func(func(l *exec.Local) {
		l.After(time.Second, exec.Func(func(*exec.Local) { fmt.Println("one second later") }))
	}))
	worked, next := x.Step()
	fmt.Println(worked, next)
	now += next
	x.Step()
	// Output:
	// true 1s
	// one second later
}
