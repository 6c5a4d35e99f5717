package measure

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// noted returns a measurement that takes note of its name and returns err.
func noted(order *[]string, name string, err error) func(Spot, int) (Sample, error) {
	return func(_ Spot, n int) (Sample, error) {
		*order = append(*order, name)
		return Sample{Metrics: []Metric{{2, NsPerOp}, {9, "p99-ns"}}}, err
	}
}

// TestSession: the order of the measurements, what benchstat reads, and what is left out.
func TestSession(t *testing.T) {
	var order []string
	rows := []Row{
		{Name: "A", Amount: 7, Impls: Join(Ours("x", noted(&order, "Ax", nil)),
			Impl{Name: "y", Run: noted(&order, "Ay", nil)})},
		{Name: "B", Amount: 7, Rounds: 1, Impls: Join(Ours("x", noted(&order, "Bx", nil)),
			Ours("z", noted(&order, "Bz", fmt.Errorf("%w: no z", ErrSkip))))},
	}
	var raw strings.Builder
	var last Progress
	s := &Session{CPUs: twoCPUs(t), Rounds: 2, Raw: &raw, Progress: func(p Progress) {
		require.GreaterOrEqual(t, p.Done, last.Done)
		require.GreaterOrEqual(t, p.Round, last.Round)
		last = p
	}}
	all, err := s.Run(t.Context(), rows)
	require.NoError(t, err)
	require.Equal(t, []string{"Ax", "Ay", "Bx", "Bz", "Ay", "Ax"}, order)
	require.Equal(t, 2, strings.Count(raw.String(), "BenchmarkA/impl=x/variant=pinned 7 2 ns/op 9 p99-ns\n"))
	require.Equal(t, 1, strings.Count(raw.String(), "BenchmarkB/impl=x/variant=pinned 7 "))
	require.Contains(t, raw.String(), "BenchmarkA/impl=y/variant=plain 7 ")
	require.Contains(t, raw.String(), "# B/z: not measured here: no z\n")
	require.ErrorIs(t, all[1].Series[1].Skipped, ErrSkip)
	require.Equal(t, []float64{9, 9}, all[0].Series[0].Values("p99-ns"))
	require.Positive(t, all[0].Series[0].Trips[0])
	require.Positive(t, last.Total)
	require.Equal(t, last.Total, last.Done)
	require.Equal(t, 2, last.Round)
}

// TestItems: what is written is what was done, where that is not what was asked for.
func TestItems(t *testing.T) {
	var raw strings.Builder
	s := &Session{CPUs: twoCPUs(t), Rounds: 1, Raw: &raw}
	ten := func(Spot, int) (Sample, error) { return PerOp(time.Microsecond, 10), nil }
	rows := []Row{{Name: "A", Amount: 700, Impls: []Impl{{Name: "x", Variant: "procs=1", Run: ten}}}}
	_, err := s.Run(t.Context(), rows)
	require.NoError(t, err)
	require.Equal(t, "BenchmarkA/impl=x/variant=procs=1 10 100 ns/op\n", raw.String())
}

// TestWeights: what takes long counts for as much of the whole.
func TestWeights(t *testing.T) {
	long := Row{Name: "long", Amount: 1, Takes: time.Hour}
	require.Greater(t, step{0, 0}.takes([]Row{long}), 1000*step{0, 0}.takes([]Row{{}}))
	require.Zero(t, step{0, -1}.takes([]Row{long}), "there is no amount to find")
	require.Positive(t, step{0, -1}.takes([]Row{{}}))
}

// TestInterrupt: an end from outside keeps what was found.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	stop := func(Spot, int) (Sample, error) {
		cancel()
		return Of(1, NsPerOp), nil
	}
	s := &Session{CPUs: twoCPUs(t), Rounds: 2, Raw: new(strings.Builder)}
	all, err := s.Run(ctx, []Row{{Name: "A", Amount: 7, Impls: Join(Ours("x", stop), Ours("y", stop))}})
	require.ErrorIs(t, err, ErrInterrupted)
	require.Len(t, all[0].Series[0].Samples, 1)
	require.Empty(t, all[0].Series[1].Samples)
}

// TestFailure: an implementation that fails is not asked again, whatever it had found is not compared, and all others
// are measured.
func TestFailure(t *testing.T) {
	wrong := errors.New("data error: 1 of 7")
	var order []string
	times := 0
	failing := func(Spot, int) (Sample, error) {
		if times++; times > 1 {
			return Sample{}, wrong
		}
		return Of(1, NsPerOp), nil
	}
	var raw strings.Builder
	s := &Session{CPUs: twoCPUs(t), Rounds: 7, Raw: &raw}
	rows := []Row{{Name: "A", Amount: 7, Impls: Join(Ours("x", failing), Peer("y", noted(&order, "y", nil)))}}
	all, err := s.Run(t.Context(), rows)
	require.ErrorIs(t, err, wrong)
	require.EqualError(t, err, "A/x: data error: 1 of 7")
	require.Equal(t, 2, times)
	require.Len(t, order, 7)
	require.Contains(t, raw.String(), "# A/x FAILED: data error: 1 of 7\n")
	require.ErrorIs(t, all[0].Series[0].Failed, wrong)
	require.Nil(t, all[0].Best("x", ""))
	require.Equal(t, Failed, Faster("x", "y", 1).Judge(all[0], nil).Verdict)
	require.Equal(t, Failed, Faster("y", "x", 1).Judge(all[0], nil).Verdict)
}

// TestHung: a measurement that never comes back is named, with what was found until then.
func TestHung(t *testing.T) {
	type end struct {
		all []Measured
		err error
	}
	ended := make(chan end)
	var order []string
	s := &Session{CPUs: twoCPUs(t), Rounds: 2, Raw: new(strings.Builder), Limit: time.Millisecond}
	s.Hung = func(all []Measured, err error) { ended <- end{all, err} }
	block := func(Spot, int) (Sample, error) { select {} }
	rows := []Row{
		{Name: "A", Amount: 7, Takes: time.Hour, Impls: Join(Ours("x", noted(&order, "x", nil)))},
		{Name: "B", Amount: 7, Takes: 20 * time.Millisecond, Impls: Join(Ours("y", block))},
	}
	go func() { _, _ = s.Run(context.Background(), rows) }()
	select {
	case got := <-ended:
		require.ErrorContains(t, got.err, "B/y: hung: it had not come back after 21ms")
		require.Len(t, got.all[0].Series[0].Samples, 1)
		require.Error(t, got.all[1].Series[0].Failed)
	case <-time.After(20 * time.Second):
		require.Fail(t, "nobody has noticed")
	}
}
