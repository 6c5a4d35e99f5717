package native

import (
	"errors"
	"fmt"
	"testing"

	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/queue"
	"github.com/pushcore/pushcore/exec/place"

	"github.com/stretchr/testify/require"
)

// spot returns the first and the last cpu that the test may use.
func spot(t *testing.T, pinned bool) measure.Spot {
	t.Helper()
	set, err := place.Allowed()
	if errors.Is(err, errors.ErrUnsupported) {
		return measure.Spot{}
	}
	require.NoError(t, err)
	return measure.Spot{CPUs: [2]int{set[0], set[len(set)-1]}, Pinned: pinned}
}

// shapes lists what the table asks queues for, and more.
func shapes() (all []queue.Shape) {
	for _, size := range []int{8, 16, 64} {
		for _, pointers := range []bool{false, true} {
			for _, oneCore := range []bool{false, true} {
				for _, batch := range []int{1, 32, 256} {
					all = append(all, queue.Shape{Producers: 1, Batch: batch, Size: size, Pointers: pointers, OneCore: oneCore})
				}
			}
		}
	}
	return append(all, bare(1), bare(32), queue.Shape{Producers: 1, Batch: 8, Size: 16, Load: 80},
		queue.Shape{Producers: 2, Batch: 1, Size: 8, Load: 10},
		queue.Shape{Producers: 2, Batch: 32, Size: 64, Pointers: true, Load: 80},
		queue.Shape{Producers: 1, Batch: 1, Size: 8, OneCore: true, Load: 80},
		queue.Shape{Producers: 1, Batch: 1, Size: 64, Pointers: true, Load: 80},
		queue.Shape{Producers: 1, Batch: 8, Staged: true, Size: 8},
		queue.Shape{Producers: 2, Batch: 1, Size: 16},
		queue.Shape{Producers: 3, Batch: 8, Size: 8},
		queue.Shape{Producers: 4, Batch: 32, Size: 64, Pointers: true})
}

func bare(batch int) queue.Shape {
	return queue.Shape{Producers: 1, Batch: batch, Size: 8, OneCore: true, Bare: true}
}

// TestEveryShape: every implementation does a little of whatever it says it can do.
func TestEveryShape(t *testing.T) {
	if testing.Short() {
		t.Skip("the peers are programs to be built first")
	}
	t.Cleanup(func() { require.NoError(t, Close()) })
	for _, kind := range []string{"spsc", "mpsc"} {
		for _, s := range shapes() {
			for _, im := range Impls(kind, s) {
				t.Run(fmt.Sprintf("%s/%v/%s", kind, s, im.Label()), func(t *testing.T) {
					for _, n := range []int{1, 512, 1003} {
						got, err := im.Run(spot(t, im.Pinned), n)
						if errors.Is(err, measure.ErrSkip) {
							t.Skip(err)
						}
						require.NoError(t, err)
						unit := measure.NsPerOp
						if s.Load > 0 {
							unit = ages.P50
						}
						require.Equal(t, unit, got.Metrics[0].Unit)
						require.Positive(t, got.Value())
						if s.Producers == 1 {
							require.EqualValues(t, n, got.Items)
						} else { // where the time ran out
							require.Positive(t, got.Items)
							require.LessOrEqual(t, got.Items, float64(n))
						}
					}
				})
			}
		}
	}
}

// TestFaults: what a producer does wrong is found, by each program, in each kind of thread.
func TestFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("the peers are programs to be built first")
	}
	t.Cleanup(func() { require.NoError(t, Close()) })
	wide := queue.Shape{Producers: 1, Batch: 8, Size: 16}
	for _, one := range []struct {
		program *program
		queue   string
		shape   queue.Shape
	}{
		{rteRing, "spsc", wide},
		{rteRing, "spsc", queue.Shape{Producers: 1, Batch: 1, Size: 8, OneCore: true}},
		{rteRing, "mpsc", queue.Shape{Producers: 2, Batch: 32, Size: 64, Pointers: true}},
		{rteRing, "mpsc-hts", wide},
		{rteRing, "mpsc-rts", wide},
		{rteRing, "spsc-bare", bare(1)},
		{rteRing, "spsc-bare", bare(32)},
		{ckRing, "spsc-bare", bare(1)},
		{ckRing, "spsc", wide},
		{ckRing, "mpsc", queue.Shape{Producers: 2, Batch: 1, Size: 8, Pointers: true}},
		{crossbeam, "spsc", queue.Shape{Producers: 1, Batch: 1, Size: 8, OneCore: true}},
		{crossbeam, "mpsc", queue.Shape{Producers: 2, Batch: 1, Size: 64, Pointers: true}},
		{tokio, "spsc", wide},
		{tokio, "mpsc-try", wide},
	} {
		for _, fault := range []string{"none", "drop", "double", "change"} {
			t.Run(fmt.Sprintf("%s/%s/%v/%s", one.program.name, one.queue, one.shape, fault), func(t *testing.T) {
				_, err := one.program.ask(request(one.queue, one.shape, spot(t, true), 600, fault))
				if errors.Is(err, measure.ErrSkip) {
					t.Skip(err)
				}
				if fault == "none" {
					require.NoError(t, err)
				} else {
					require.ErrorContains(t, err, "data error")
				}
			})
		}
	}
}

// TestImpls: who is asked for what.
func TestImpls(t *testing.T) {
	names := func(kind string, s queue.Shape) (all []string) {
		for _, im := range Impls(kind, s) {
			require.True(t, im.Program)
			all = append(all, im.Label())
		}
		return all
	}
	one := queue.Shape{Producers: 1, Batch: 1, Size: 8}
	require.Equal(t, []string{"rte_ring", "rte_ring-unpinned", "ck_ring", "ck_ring-unpinned", "crossbeam",
		"crossbeam-unpinned", "tokio", "tokio-unpinned", "tokio-try"}, names("spsc", one))
	one.OneCore = true
	require.Equal(t, []string{"rte_ring", "rte_ring-hts", "rte_ring-rts", "ck_ring", "crossbeam", "tokio-try"},
		names("mpsc", one))
	require.Equal(t, []string{"rte_ring-buffer", "rte_ring-buffer-unpinned"},
		names("spsc", queue.Shape{Producers: 1, Batch: 8, Staged: true, Size: 8}))
	require.Equal(t, []string{"rte_ring", "ck_ring"}, names("spsc", bare(1)))
	require.Equal(t, []string{"rte_ring"}, names("spsc", bare(8)))
	require.Empty(t, names("mpsc", bare(8)))
	for _, no := range []queue.Shape{
		{Producers: 1, Batch: 8, Size: 8, Bare: true}, // not on one core
		{Producers: 1, Batch: 8, Size: 16, OneCore: true, Bare: true},
		{Producers: 2, Batch: 1, Size: 8}, // of one
		{Producers: 1, Batch: 257, Size: 8},
		{Producers: 1, Batch: 1, Size: 24},
		{Producers: 1, Size: 8},
		{Batch: 1, Size: 8},
	} {
		require.Empty(t, names("spsc", no), "%+v", no)
	}
	require.Empty(t, names("mpsc", queue.Shape{Producers: 5, Batch: 1, Size: 8}))
	require.Empty(t, names("mpsc", queue.Shape{Producers: 2, Batch: 1, Size: 8, OneCore: true}))
}
