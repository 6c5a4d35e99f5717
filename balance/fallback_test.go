package balance_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/balance/balancetest"
)

func TestFallback(t *testing.T) {
	v := balance.NewView(3)
	b := make1(t, balance.Fallback(balance.BoundedDepth(2, balance.KeyHash()), balance.RoundRobin()), v)
	home := make1(t, balance.KeyHash(), v).Pick(42, v)
	require.Equal(t, []int{home, home, 0, 1, 2}, []int{send(b, 42, v), send(b, 42, v), send(b, 42, v), send(b, 42, v), send(b, 42, v)})
	require.False(t, b.Ordered(), "the key has just been in two places")
	_, batches := b.(balance.BatchPicker)
	require.False(t, batches)

	both := balance.Fallback(balance.JBSQ(1), balance.JBSQ(1))
	one := balance.NewView(1)
	b = make1(t, both, one)
	require.Equal(t, []int{0, balance.Full}, []int{send(b, 0, one), send(b, 0, one)}, "Full if both are")

	ordered := make1(t, balance.Fallback(balance.KeyHash(), balance.KeyHash()), v)
	require.False(t, ordered.Ordered(), "what a and b are does not matter")
	require.False(t, balance.IsSticky(ordered))
}

func TestFallbackReadsWhatBothDo(t *testing.T) {
	v := balance.NewView(2)
	for _, c := range []struct{ a, b, want balance.Reads }{
		{0, 0, 0},
		{balance.ReadsNow, balance.ReadsDepth, balance.ReadsNow | balance.ReadsDepth},
		{0, balance.ReadsTaken, balance.ReadsTaken},
	} {
		require.Equal(t, c.want, balance.ReadsOf(make1(t, balance.Fallback(reading(c.a), reading(c.b)), v)))
	}
}

// upTo is RoundRobin for the lowest n workers: a policy for some of the workers only.
func upTo(n int) balance.Policy {
	sub := func(v *balance.View) *balance.View {
		few := balance.NewView(min(n, v.N()))
		for i := range few.N() {
			few.SetOpen(i, v.IsOpen(i))
		}
		return few
	}
	return func(v *balance.View) (balance.Balancer, error) {
		b, err := balance.RoundRobin()(sub(v))
		if err != nil {
			return nil, fmt.Errorf("the lowest %d: %w", n, err)
		}
		return subset{b, sub}, nil
	}
}

type subset struct {
	balance.Balancer
	sub func(*balance.View) *balance.View
}

func (s subset) Update(v *balance.View) error { return s.Balancer.Update(s.sub(v)) }

// Primaries and a standby: either set may be empty, at first and later, as long as the other is not.
func TestFallbackServesWhileEitherHasWorkers(t *testing.T) {
	policy := balance.Fallback(upTo(2), balance.RoundRobin())
	balancetest.RunWith(t, policy, balancetest.Options{MayPack: true})

	open := func(is ...int) *balance.View {
		v := balance.NewView(4)
		for i := range 4 {
			v.SetOpen(i, false)
		}
		for _, i := range is {
			v.SetOpen(i, true)
		}
		return v
	}
	b := make1(t, policy, open(0, 1, 3))
	require.Equal(t, []int{0, 1, 0}, picks(b, open(0, 1, 3), 3))
	require.NoError(t, b.Update(open(3)), "no primary is left")
	require.Equal(t, []int{3, 3}, picks(b, open(3), 2))
	require.NoError(t, b.Update(open(1, 3)))
	require.Equal(t, []int{1, 1}, picks(b, open(1, 3), 2))

	b = make1(t, policy, open(2, 3)) // none from the start
	require.Equal(t, balance.ReadsAll, balance.ReadsOf(b), "who is to come may look at anything")
	require.Equal(t, []int{2, 3}, picks(b, open(2, 3), 2))
	require.ErrorIs(t, b.Update(open()), balance.ErrNoWorker)
	require.Equal(t, balance.Full, b.Pick(0, open()))
	require.NoError(t, b.Update(open(0, 3)))
	require.Equal(t, []int{0, 0}, picks(b, open(0, 3), 2), "now there is one")

	b = make1(t, balance.Fallback(balance.RoundRobin(), upTo(1)), open(2)) // the other way round
	require.Equal(t, 2, b.Pick(0, open(2)))
	_, err := policy(open())
	require.ErrorIs(t, err, balance.ErrNoWorker)

	v := weighted(0, 0)
	b = make1(t, balance.Fallback(balance.SmoothWeighted(), balance.RoundRobin()), v)
	require.Equal(t, []int{0, 1}, picks(b, v, 2), "weights of 0 are served when nobody else is")
}

// What another View would not mend is an error, whatever the other part can do.
func TestFallbackReturnsOtherErrors(t *testing.T) {
	v := balance.NewView(2)
	_, err := balance.Fallback(balance.JBSQ(0), balance.RoundRobin())(v)
	require.ErrorContains(t, err, "JBSQ of 0")
	_, err = balance.Fallback(balance.RoundRobin(), balance.JBSQ(-3))(v)
	require.ErrorContains(t, err, "JBSQ of -3")

	mine := errors.New("mine")
	b := make1(t, balance.Fallback(balance.RoundRobin(), failing(mine)), v)
	require.ErrorIs(t, b.Update(v), mine)
	require.Equal(t, []int{0, 1}, picks(b, v, 2))
}

// failing answers every Update with err.
func failing(err error) balance.Policy {
	return func(v *balance.View) (balance.Balancer, error) {
		b, _ := balance.RoundRobin()(v)
		return failed{b, err}, nil
	}
}

type failed struct {
	balance.Balancer
	err error
}

func (f failed) Update(*balance.View) error { return f.err }
