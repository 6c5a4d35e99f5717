package balancetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pushcore/pushcore/balance"
	"github.com/stretchr/testify/require"
)

// recorder is a tester that fails without failing: it notes each breach under the name of its check.
type recorder struct {
	name     string
	ran      *[]string
	breaches map[string][]string
}

func (r recorder) Helper() {}

func (r recorder) Errorf(format string, args ...any) {
	r.breaches[r.name] = append(r.breaches[r.name], fmt.Sprintf(format, args...))
}

func (r recorder) Run(name string, f func(t tester)) bool {
	*r.ran = append(*r.ran, name)
	f(recorder{name: name, ran: r.ran, breaches: r.breaches})
	return len(r.breaches[name]) == 0
}

// inspect runs the suite against p and returns the breaches by check.
func inspect(p balance.Policy, o Options) map[string][]string {
	return inspectWithin(time.Minute, p, o)
}

func inspectWithin(patience time.Duration, p balance.Policy, o Options) map[string][]string {
	s := newSuite(p, o)
	s.patience = patience
	r := recorder{ran: new([]string), breaches: map[string][]string{}}
	s.run(r)
	return r.breaches
}

func TestRunsEveryCheck(t *testing.T) {
	r := recorder{ran: new([]string), breaches: map[string][]string{}}
	newSuite(balance.RoundRobin(), Options{}).run(r)
	require.Empty(t, r.breaches)
	require.Len(t, *r.ran, len(checks))
	for i, c := range checks {
		require.Equal(t, c.name, (*r.ran)[i])
	}
}

func TestRefusesNonsense(t *testing.T) {
	require.Contains(t, inspect(nil, Options{})[""][0], "nil")
	require.Contains(t, inspect(balance.RoundRobin(), Options{Workers: []int{4, 0}})[""][0], "Options.Workers has 0")
}

func TestBreachNamesTheRule(t *testing.T) {
	msg := breach("be kind", "was %d times unkind", 3).Error()
	require.Equal(t, "was 3 times unkind\n\tthe contract: be kind", msg)
}

func TestRanges(t *testing.T) {
	for want, is := range map[string][]int{
		"none": nil, "0": {0}, "0-2": {0, 1, 2}, "0,2": {0, 2}, "0-1,5,7-9": {0, 1, 5, 7, 8, 9},
	} {
		require.Equal(t, want, ranges(is))
	}
}

func TestShowPick(t *testing.T) {
	require.Equal(t, "Full 3 no pick", strings.Join([]string{showPick(balance.Full), showPick(3), showPick(noPick)}, " "))
}
