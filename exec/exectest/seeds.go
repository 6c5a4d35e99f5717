package exectest

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// Environment variables that Seeds honours.
const (
	SeedVar  = "PUSHCORE_SEED"  // the one seed to run
	SeedsVar = "PUSHCORE_SEEDS" // how many seeds to run, in place of what the test asks for
)

// Seeds runs f with the seeds 1 to n, each as a subtest. It ends with the first that
// fails, and says how to run that one alone: see SeedVar. It is the test's own n seeds
// each time, so that a test passes or fails reliably; SeedsVar makes it search on.
//
// A simulation that f makes is to end with its subtest: [NewFor] sees to that, and for others
// t.Cleanup(sim.Close) does.
func Seeds(t *testing.T, n int, f func(t *testing.T, seed uint64)) {
	t.Helper()
	first, last, err := seeds(n, os.Getenv(SeedVar), os.Getenv(SeedsVar))
	if err != nil {
		t.Fatal(err)
	}
	for seed := first; seed <= last && seed != 0; seed++ { // beyond the last possible seed is 0
		ok := t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			defer func() { // also after FailNow
				if t.Failed() {
					t.Logf("to run this seed alone: %s=%d go test -run '^%s$'", SeedVar, seed, root(t.Name()))
				}
			}()
			f(t, seed)
		})
		if !ok {
			return
		}
	}
}

// seeds returns which ones to run.
func seeds(n int, one, many string) (first, last uint64, err error) {
	if one != "" {
		seed, err := strconv.ParseUint(one, 10, 64)
		if err != nil || seed == 0 {
			return 0, 0, fmt.Errorf("exectest: %s is %q: it must be the number of a seed, from 1 on", SeedVar, one)
		}
		return seed, seed, nil
	}
	if many != "" {
		if n, err = strconv.Atoi(many); err != nil || n < 1 {
			return 0, 0, fmt.Errorf("exectest: %s is %q: it must be a number of seeds, at least 1", SeedsVar, many)
		}
	}
	return 1, uint64(max(n, 0)), nil
}

// root is the name of the test function that a subtest belongs to.
func root(name string) string {
	name, _, _ = strings.Cut(name, "/")
	return name
}
