package exec_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// What it costs to measure: tasks of about 100 ns each, with and without. docs/observability.md has the figures.
func BenchmarkStats(b *testing.B) {
	for _, shape := range []struct {
		name string
		run  func(b *testing.B, x *exec.Exec)
	}{{"local", benchLocal}, {"inbox", benchInbox}, {"turns", benchTurns}} {
		for _, off := range []bool{false, true} {
			name := "/stats=on"
			if off {
				name = "/stats=off"
			}
			b.Run(shape.name+name, func(b *testing.B) {
				x, err := exec.New(exec.Config{NoStats: off})
				if err != nil {
					b.Fatal(err)
				}
				if err := x.Start(); err != nil {
					b.Fatal(err)
				}
				defer x.Stop()
				shape.run(b, x)
			})
		}
	}
}

// hundred spins for about 100 ns.
func hundred() {
	for v, i := uint32(1), 0; i < 120; i++ {
		v = v*1664525 + 1013904223
		spun = v
	}
}

var spun uint32

// benchLocal: a task that re-posts itself.
func benchLocal(b *testing.B, x *exec.Exec) {
	done := make(chan struct{})
	n := b.N
	var task exec.Func
	task = func(l *exec.Local) {
		hundred()
		if n--; n == 0 {
			close(done)
			return
		}
		l.Spawn(task)
	}
	b.ResetTimer()
	x.TrySend(task)
	<-done
}

// benchInbox: tasks that come through a lane, as fast as they are taken.
func benchInbox(b *testing.B, x *exec.Exec) {
	lane, err := x.Lane()
	if err != nil {
		b.Fatal(err)
	}
	done := make(chan struct{})
	n := b.N
	task := exec.Func(func(*exec.Local) {
		hundred()
		if n--; n == 0 {
			close(done)
		}
	})
	batch := make([]exec.Task, 64)
	for i := range batch {
		batch[i] = task
	}
	b.ResetTimer()
	for left := b.N; left > 0; {
		k := lane.PushBatch(batch[:min(left, len(batch))])
		if left -= k; k == 0 {
			runtime.Gosched()
		}
	}
	<-done
}

// benchTurns: one task to a turn.
func benchTurns(b *testing.B, x *exec.Exec) {
	done := make(chan struct{})
	src := &oneEach{left: b.N, done: done}
	x.TrySend(exec.Func(func(l *exec.Local) {
		b.ResetTimer()
		l.AddSource(src)
	}))
	<-done
}

type oneEach struct {
	left int
	done chan struct{}
}

func (o *oneEach) Poll(*exec.Local, int) int {
	if o.left == 0 {
		return 0
	}
	hundred()
	if o.left--; o.left == 0 {
		close(o.done)
	}
	return 1
}

func (o *oneEach) Next() (time.Duration, bool) { return 0, false }

// What it costs to look, at an Exec with four inboxes of which two have lanes, while it works.
func BenchmarkSnapshot(b *testing.B) {
	x, err := exec.New(exec.Config{})
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"one", "two"} {
		in, err := exec.NewInbox(x, exec.InboxConfig[int]{Name: name, Handle: func(_ *exec.Local, batch []int) int { return len(batch) }})
		if err != nil {
			b.Fatal(err)
		}
		for range 4 {
			if _, err := in.Lane(); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := x.Start(); err != nil {
		b.Fatal(err)
	}
	defer x.Stop()
	var again exec.Func
	again = func(l *exec.Local) {
		hundred()
		l.Spawn(again)
	}
	x.TrySend(again)
	b.Run("stats", func(b *testing.B) {
		for b.Loop() {
			x.Stats()
		}
	})
	b.Run("snapshot", func(b *testing.B) {
		for b.Loop() {
			x.Snapshot()
		}
	})
}

// What a report of a stall costs the goroutine that makes it, with so many coroutines that wait.
func BenchmarkBlame(b *testing.B) {
	for _, many := range []int{0, 100, 10_000} {
		b.Run(fmt.Sprint("coroutines=", many), func(b *testing.B) {
			x, err := exec.New(exec.Config{})
			if err != nil {
				b.Fatal(err)
			}
			if err := x.Start(); err != nil {
				b.Fatal(err)
			}
			defer x.Stop()
			onLoop(b, x, func(l *exec.Local) {
				for range many {
					spawn(l, func(co *exec.Co) error { return co.Sleep(time.Hour) })
				}
			})
			onLoop(b, x, func(*exec.Local) {})
			for b.Loop() {
				exec.ProfileGoroutines()
			}
		})
	}
}
