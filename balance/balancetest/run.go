package balancetest

import (
	"errors"
	"fmt"
	"runtime/debug"
	"testing"
	"time"

	"github.com/pushcore/pushcore/balance"
)

// Options tells the checks what a policy does on purpose. The zero value expects what most policies should do.
type Options struct {
	// Workers are the group sizes to check, each at least 1. Default: 1, 2, 3, 8, 63, 64, 65, 130. A policy with a
	// limit of its own, for example 64 workers, lists sizes up to it.
	Workers []int

	// Random says that balancers of the policy draw from seeds of their own: equal histories may give different picks.
	// This switches off the comparisons that find state shared by balancers, a View kept beyond a call, a PickBatch
	// that differs from Pick, and a look at what Reads does not name. Better: give the policy a fixed seed, and leave
	// this false.
	Random bool

	// MayRefuse says that Pick may return Full although every open worker is idle, as a policy that limits rates does.
	MayRefuse bool

	// OwnOrder says that a policy given to [RunShared] that is Ordered keeps the order of each producer's items alone,
	// as one that keeps keys to itself and asks a shared one where to.
	OwnOrder bool

	// MayPack says that an idle group may get all of its items on one worker, as with a primary and a standby.
	MayPack bool
}

// Run checks p against the contract of package balance. It must not be called from a parallel test, since it counts
// allocations.
func Run(t *testing.T, p balance.Policy) {
	t.Helper()
	RunWith(t, p, Options{})
}

// RunWith is Run for a policy that needs Options.
func RunWith(t *testing.T, p balance.Policy, o Options) {
	t.Helper()
	newSuite(p, o).run(real{t})
}

// RunShared is RunWith for policies whose balancers share state on purpose, such as [balance.Shared]. group makes the
// policy of a new group: balancers of one group may share, those of different groups may not. The other checks play one
// producer of a group of its own each; two more play several producers of one group: one after the other and at the
// same time, for -race. If the policy says Ordered, a key may have items in flight at one worker only, whichever
// producers sent them (but see Options.OwnOrder).
func RunShared(t *testing.T, group func() balance.Policy, o Options) {
	t.Helper()
	newShared(group, o).run(real{t})
}

// tester is what the checks need of a *testing.T: the suite's own tests replace it by a recorder, to see it fail.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	Run(name string, f func(t tester)) bool
}

type real struct{ *testing.T }

func (r real) Run(name string, f func(t tester)) bool {
	return r.T.Run(name, func(t *testing.T) { f(real{t}) })
}

// suite is one policy under test.
type suite struct {
	policy   balance.Policy
	group    func() balance.Policy // makes policies whose balancers share state; else nil
	o        Options
	patience time.Duration // how long one check may take before it counts as hung: far more than it needs
}

func newSuite(p balance.Policy, o Options) *suite {
	if len(o.Workers) == 0 {
		o.Workers = []int{1, 2, 3, 8, 63, 64, 65, 130}
	}
	return &suite{policy: p, o: o, patience: time.Minute}
}

// newShared is a suite each of whose producers has a group of its own, but where a check makes one of several.
func newShared(group func() balance.Policy, o Options) *suite {
	s := newSuite(nil, o)
	if s.group = group; group != nil {
		s.policy = func(v *balance.View) (balance.Balancer, error) {
			p := group()
			if p == nil {
				return nil, errors.New("the policy of the group is nil")
			}
			return p(v)
		}
	}
	return s
}

// A check returns the first breach it finds. It knows nothing of testing, so that it can run on a goroutine of its own.
type check func(s *suite) error

var checks = []struct {
	name string
	check
}{
	{"Picks", (*suite).checkPicks},
	{"Membership", (*suite).checkMembership},
	{"Nobody", (*suite).checkNobody},
	{"Spread", (*suite).checkSpread},
	{"Ordered", (*suite).checkOrdered},
	{"Sticky", (*suite).checkSticky},
	{"Steady", (*suite).checkSteady},
	{"Frugal", (*suite).checkFrugal},
	{"Unshared", (*suite).checkUnshared},
	{"Concurrent", (*suite).checkConcurrent},
	{"Group", (*suite).checkGroup},
	{"GroupConcurrent", (*suite).checkGroupConcurrent},
	{"ViewUntouched", (*suite).checkViewUntouched},
	{"ViewNotKept", (*suite).checkViewNotKept},
	{"PickBatch", (*suite).checkPickBatch},
	{"Allocations", (*suite).checkAllocations},
}

func (s *suite) run(t tester) {
	t.Helper()
	if s.policy == nil {
		t.Errorf("the policy is nil (want a func that returns a balancer)")
		return
	}
	for _, n := range s.o.Workers {
		if n < 1 {
			t.Errorf("Options.Workers has %d (want sizes of at least 1)", n)
			return
		}
	}
	for _, c := range checks {
		t.Run(c.name, func(t tester) {
			t.Helper()
			if err := s.guard(c.check); err != nil {
				t.Errorf("%v", err)
			}
		})
	}
}

// guard runs a check and turns a panic or a hang into a breach. A balancer that hangs cannot be stopped: its goroutine
// stays behind until the test binary ends.
func (s *suite) guard(c check) error {
	done := make(chan error, 1)
	go func() { done <- calm(func() error { return c(s) }) }()
	hung := time.NewTimer(s.patience)
	defer hung.Stop()
	select {
	case err := <-done:
		return err
	case <-hung.C:
		return breach("no call of a balancer blocks or hangs", "the check did not end within %v", s.patience)
	}
}

// calm runs f and turns a panic into a breach.
func calm(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = breach("no call of a balancer panics, whatever the key and the view", "panic: %v\n%s", r, debug.Stack())
		}
	}()
	return f()
}

// breach says what happened, and which rule of the contract that breaks.
func breach(rule, format string, args ...any) error {
	return fmt.Errorf("%s\n\tthe contract: %s", fmt.Sprintf(format, args...), rule)
}
