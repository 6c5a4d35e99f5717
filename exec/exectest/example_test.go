package exectest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/exectest"
	"github.com/pushcore/pushcore/group"
)

// A stage hands on what the next one takes, and holds back the rest. Whatever is full
// or late, nothing gets lost and the order stays.
func Example() {
	for seed := range uint64(100) {
		sim, err := exectest.New(exectest.Config{Seed: seed, FullRate: 0.3, WakeDelay: 10})
		if err != nil {
			panic(err)
		}
		sink, _ := sim.Exec(exec.Config{Name: "sink"})
		var got []int
		last, _ := exec.NewInbox(sink, exec.InboxConfig[int]{Cap: 2, Handle: func(_ *exec.Local, batch []int) int {
			got = append(got, batch...)
			return len(batch)
		}})
		lane, _ := last.Lane()
		stage, _ := sim.Exec(exec.Config{Name: "stage"})
		first, _ := exec.NewInbox(stage, exec.InboxConfig[int]{Cap: 8, Handle: func(_ *exec.Local, batch []int) int {
			return lane.PushBatch(batch)
		}})

		for i := 0; i < 100; {
			if first.TrySend(i) {
				i++
			} else {
				sim.Step()
			}
		}
		if err := sim.Settle(); err != nil {
			panic(err) // it names the seed
		}
		for i, v := range got {
			if len(got) != 100 || v != i {
				panic(fmt.Sprint("seed ", seed, ": ", got))
			}
		}
	}
	fmt.Println("100 schedules, all correct")
	// Output: 100 schedules, all correct
}

// The same seed replays the same schedule, on a clock that nobody waits for.
func ExampleSim_Trace() {
	run := func(seed uint64) (time.Duration, uint64) {
		sim, _ := exectest.New(exectest.Config{Seed: seed, Shuffle: true})
		for range 3 {
			x, _ := sim.Exec(exec.Config{})
			x.TrySend(exec.Func(func(l *exec.Local) {
				l.After(time.Hour, exec.Func(func(*exec.Local) {}))
			}))
		}
		_ = sim.Settle()
		return sim.Clock().Now(), sim.Trace()
	}
	now, one := run(1)
	_, again := run(1)
	_, other := run(2)
	fmt.Println(now, one == again, one == other)
	// Output: 1h0m0s true false
}

// A group is made with the simulation's template, and drained when it is quiet.
func ExampleSim_Quiet() {
	sim, _ := exectest.New(exectest.Config{Seed: 1, FullRate: 0.2, WakeDelay: 5})
	handled := 0
	g, err := group.New(group.Config[string]{
		Workers: 3,
		Balance: balance.RoundRobin(),
		Depth:   2,
		Exec:    sim.Config(exec.Config{}),
		Worker: func(*exec.Local, int) (group.Handler[string], error) {
			return group.HandlerFunc[string](func(_ *exec.Local, batch []string) int {
				handled += len(batch)
				return len(batch)
			}), nil
		},
	})
	if err != nil {
		panic(err)
	}
	for i := range g.Workers() {
		sim.Add(g.Exec(i))
	}
	p, _ := g.Producer()
	for sent := 0; sent < 50; {
		if p.Send("hello") == nil {
			sent++
		} else {
			sim.Step()
		}
	}
	if err := sim.Quiet(); err != nil {
		panic(err)
	}
	undone, err := g.Drain(context.Background())
	fmt.Println(handled, len(undone), err)
	// Output: 50 0 <nil>
}

// In a test: one subtest per seed, until one fails.
func ExampleSeeds() {
	TestPipeline := func(t *testing.T) {
		exectest.Seeds(t, 1000, func(t *testing.T, seed uint64) {
			sim, err := exectest.New(exectest.Config{Seed: seed, Shuffle: true, FullRate: 0.1})
			if err != nil {
				t.Fatal(err)
			}
			// Make Execs with sim.Exec, send to them, then:
			if err := sim.Settle(); err != nil {
				t.Fatal(err)
			}
		})
	}
	fmt.Printf("%T\n", TestPipeline)
	// Output: func(*testing.T)
}
