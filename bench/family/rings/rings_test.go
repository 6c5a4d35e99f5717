package rings

import (
	"testing"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/queue"
	"github.com/stretchr/testify/require"
)

// elements makes one element of each number.
func elements(numbers ...uint64) []middle {
	vs := make([]middle, len(numbers))
	for i, v := range numbers {
		fill(vs[i:i+1], v)
	}
	return vs
}

// TestLedger: what is lost, doubled, changed, out of its producer's order or from nobody is found, however the
// elements are portioned.
func TestLedger(t *testing.T) {
	b := number(1, 0)
	changed := elements(0, 1, b, b+1)
	changed[2][1]++
	for _, c := range []struct {
		name  string
		vs    []middle
		right bool
	}{
		{"in turn", elements(0, b, 1, b+1), true},
		{"in runs", elements(b, b+1, 0, 1), true},
		{"lost", elements(0, b, b+1), false},
		{"lost before another", elements(0, 1, b+1), false},
		{"lost and made up for", elements(0, b, b+1, b+2), false},
		{"doubled", elements(0, 0, 1, b, b+1), false},
		{"doubled in the place of another", elements(0, 0, b, b+1), false},
		{"swapped", elements(1, 0, b, b+1), false},
		{"swapped across runs", elements(0, b+1, 1, b), false},
		{"changed", changed, false},
		{"from nobody", elements(0, 1, b, number(2, 0)), false},
		{"nothing", nil, false},
	} {
		for portion := 1; portion <= max(1, len(c.vs)); portion++ {
			l := newLedger(2)
			for i := 0; i < len(c.vs); i += portion {
				see(l, part(c.vs, i, portion))
			}
			if err := l.err(4); c.right {
				require.NoError(t, err, c.name)
			} else {
				require.ErrorContains(t, err, "data error", c.name)
			}
		}
	}
}

// TestBadQueues: an error of the queue is one of the measurement, with one producer, with several, and on one core.
func TestBadQueues(t *testing.T) {
	at := measure.Spot{CPUs: [2]int{0, 1}}
	for name, harm := range map[string]func(vs []middle){
		"doubled": func(vs []middle) { vs[0] = vs[1] },
		"swapped": func(vs []middle) { vs[0], vs[1] = vs[1], vs[0] },
		"changed": func(vs []middle) { vs[1][1]++ },
	} {
		for _, s := range []queue.Shape{
			{Producers: 1, Batch: 8}, {Producers: 3, Batch: 8}, {Producers: 1, Batch: 8, OneCore: true},
		} {
			bad := func(s queue.Shape) ends[middle] {
				q, harmed := mpsc[middle](s), false
				once := func(vs []middle) {
					// Two of one producer, or the swap would be none.
					if !harmed && len(vs) > 1 && vs[0][0]+1 == vs[1][0] {
						harm(vs)
						harmed = true
					}
				}
				pop, both := q.pop, q.both
				q.pop = func(dst []middle) []middle {
					vs := pop(dst)
					once(vs)
					return vs
				}
				q.both = func(src, dst []middle) int {
					n := both(src, dst)
					once(dst[:n])
					return n
				}
				return q
			}
			_, err := work(s, mpsc[middle], values[middle])(at, 512)
			require.NoError(t, err, "%v", s)
			_, err = work(s, bad, values[middle])(at, 512)
			require.ErrorContains(t, err, "data error", "%s, %v", name, s)
		}
	}

	// On one core, what is lost shows at once; elsewhere the consumer waits for it until measure.Poll gives up.
	lossy := func(s queue.Shape) ends[middle] {
		q := mpsc[middle](s)
		both := q.both
		q.both = func(src, dst []middle) int { return both(src[1:], dst[1:]) }
		return q
	}
	_, err := work(queue.Shape{Producers: 1, Batch: 8, OneCore: true}, lossy, values[middle])(at, 512)
	require.ErrorContains(t, err, "data error: 63 of 64 elements came back")
}

// TestRecycled: an object is used again only when more have been taken than the queue, the consumer and the producer
// can hold.
func TestRecycled(t *testing.T) {
	for _, portion := range []int{64, 256} {
		s := recycled(portion)
		last, now := map[*large]int{}, 0
		for range 500 {
			for _, p := range s.take(portion - 1) { // does not come out even
				if at, ok := last[p]; ok {
					require.GreaterOrEqual(t, now-at, 2*measure.Capacity+2*portion)
				}
				last[p] = now
				now++
			}
		}
		require.Greater(t, now, len(last), "none was used again")
	}
}

// TestStandard names the rows that are always measured.
func TestStandard(t *testing.T) {
	var names []string
	for _, r := range Family().Rows {
		if !r.Full {
			names = append(names, r.Name)
		}
		require.NotEmpty(t, r.Does, r.Name)
	}
	require.ElementsMatch(t, []string{
		"Ring/SPSC/batch=1", "Ring/SPSC/batch=8", "Ring/SPSC/batch=32", "Ring/SPSC/batch=128", "Ring/SPSC/staged=32",
		"Ring/SPSC/batch=1/onecore", "Ring/SPSC/batch=8/onecore", "Ring/SPSC/batch=32/onecore",
		"Ring/SPSC/batch=8/onecore/bare", "Ring/SPSC/batch=32/onecore/bare",
		"Ring/SPSC/batch=1/latency/load=10",
		"Ring/MPSC/batch=1", "Ring/MPSC/batch=1/producers=2", "Ring/MPSC/batch=32", "Ring/MPSC/batch=32/producers=2",
	}, names)
}

// TestWants: what each row asks of the strongest peers.
func TestWants(t *testing.T) {
	peers := []measure.Impl{{Name: "pushcore"}, {Name: "channel"}, {Name: "mutex-swap"}, {Name: "rte_ring"}}
	for _, c := range []struct {
		kind               string
		s                  queue.Shape
		channel, swap, rte float64
	}{
		{"spsc", queue.Shape{Producers: 1, Size: 8, Batch: 1}, 2, 1, 1.2},
		{"spsc", queue.Shape{Producers: 1, Size: 8, Batch: 8}, 6, 1, 1.2},
		{"spsc", queue.Shape{Producers: 1, Size: 8, Batch: 32}, 15, 1, 1},
		{"spsc", queue.Shape{Producers: 1, Size: 8, Batch: 128}, 1, 1, 1},
		{"spsc", queue.Shape{Producers: 1, Size: 8, Batch: 256}, 1, 1, 0},
		{"spsc", queue.Shape{Producers: 1, Size: 8, Batch: 8, Staged: true}, 1, 2, 0},
		{"spsc", queue.Shape{Producers: 1, Size: 8, Batch: 8, OneCore: true}, 1, 1, 1.2},
		{"spsc", queue.Shape{Producers: 1, Size: 8, Batch: 8, OneCore: true, Bare: true}, 1, 1, 0},
		{"spsc", queue.Shape{Producers: 1, Size: 64, Batch: 8}, 1, 1, 0},
		{"mpsc", queue.Shape{Producers: 1, Size: 8, Batch: 32}, 8, 1, 1},
		{"mpsc", queue.Shape{Producers: 2, Size: 8, Batch: 32}, 1, 1, 1},
		{"mpsc", queue.Shape{Producers: 1, Size: 64, Batch: 32}, 1, 1, 1},
	} {
		got := map[string]float64{}
		for _, w := range wants(c.kind, c.s, peers) {
			got[w.Peer] = w.Limit
		}
		want := map[string]float64{"channel": c.channel, "mutex-swap": c.swap}
		if c.rte > 0 {
			want["rte_ring"] = c.rte
		}
		for peer, x := range want {
			require.Equal(t, x, got[peer], "%s %v: %s", c.kind, c.s, peer)
		}
		require.Equal(t, c.rte > 0, got["rte_ring"] > 0)
	}
	for _, w := range wants("mpsc", queue.Shape{Producers: 1, Size: 8, Batch: 1}, peers[:3]) {
		require.NotEqual(t, "rte_ring", w.Peer, "it is not there")
	}
}
