package place_test

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/pushcore/pushcore/exec/place"
)

func ExampleParse() {
	cpus, err := place.Parse("5, 1-3, 2")
	fmt.Println([]int(cpus), cpus, err)

	_, err = place.Parse("1-3,7-5")
	fmt.Println(err)
	// Output:
	// [1 2 3 5] 1-3,5 <nil>
	// place: cpu list: part "7-5": the range runs backwards, write 5-7; a list looks like "1-3,5"
}

func ExampleOf() {
	s := place.Of(6, 4, 5, 4)
	fmt.Println(s, len(s), s.Contains(5), s.Contains(7))
	// Output: 4-6 3 true false
}

// One thread on a core of its own, or unpinned where that cannot be.
func ExamplePin() {
	worker := func() error {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		cpus, err := place.Choose(1)
		if err != nil {
			return err
		}
		pinned, err := place.Pin(cpus)
		switch {
		case errors.Is(err, errors.ErrUnsupported):
			// A laptop: run unpinned.
		case err != nil:
			return err
		case len(pinned) != 1:
			return fmt.Errorf("pinned to %s", pinned)
		}
		return nil
	}

	done := make(chan error)
	go func() { done <- worker() }()
	fmt.Println(<-done)
	// Output: <nil>
}

// More threads than cpus is an error that names both figures.
func ExampleChooseFrom() {
	_, err := place.ChooseFrom(3, nil)
	fmt.Println(err)
	// Output: place: cannot choose 3 cpus, only 0 allowed (none)
}

// The cpus of the machine by physical core.
func ExampleTopology() {
	cpus, err := place.Topology()
	if err != nil {
		fmt.Println(err)
		return
	}
	cores := map[int]place.Set{}
	for _, c := range cpus {
		cores[c.Core] = append(cores[c.Core], c.ID)
	}
	fmt.Println(len(cores) > 0, len(cores) <= len(cpus))
	// Output: true true
}

func ExampleQuota() {
	loops := 2
	if cpus, limited := place.Quota(); limited && float64(loops) >= cpus {
		loops = 1 // two would be stopped for part of every period
	}
	fmt.Println(loops >= 1)
	// Output: true
}
