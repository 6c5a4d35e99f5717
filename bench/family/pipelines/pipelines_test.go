package pipelines

import (
	"fmt"
	"testing"

	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/cli"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/stretchr/testify/require"
)

var shapes = map[string]shape{
	"unicast": unicast, "three-to-one": threeToOne, "three-stages": inRow, "multicast": multicast, "diamond": diamond,
}

var transports = map[string]transport{
	"ring": openRing, "channel": openChannel, "batch-channel": openBatchChannel, "swap": openSwap,
}

// spot is where tests run.
func spot(t *testing.T) measure.Spot {
	cpus, err := cli.TwoCPUs("")
	if err != nil {
		t.Skip(err)
	}
	return measure.Spot{CPUs: cpus, Pinned: true}
}

// TestPlain: what the sinks are compared with is what anyone can work out.
func TestPlain(t *testing.T) {
	const n = 1000
	sum := uint64(n * (n - 1) / 2)
	require.Equal(t, []uint64{sum}, unicast.plain(n))
	require.Equal(t, []uint64{2*(333*332/2) + 334*333/2}, threeToOne.plain(n), "sources of 333, 333 and 334 events")
	require.Equal(t, []uint64{n / 2}, inRow.plain(n), "of 2i+3 every other pair has the bit")
	require.Equal(t, []uint64{sum, -sum, 0}, multicast.plain(n), "0^1^...^999 is 0")
	require.Equal(t, []uint64{67}, diamond.plain(n), "0, 15, ..., 990")
}

// TestThreads: every thread of a shape has one number, and those that share a cpu give way.
func TestThreads(t *testing.T) {
	for name, sh := range shapes {
		seen := map[int]int{}
		for i := range sh.sources {
			seen[i]++
		}
		for b, br := range sh.branches {
			first, at := sh.at(b)
			for i := range br.steps {
				seen[first+i]++
			}
			if b == 0 || !sh.join {
				seen[at]++
			}
		}
		require.Len(t, seen, sh.threads(), name)
		for i := range sh.threads() {
			require.Equal(t, 1, seen[i], "%s: thread %d", name, i)
			require.Equal(t, sh.threads() > 2, sh.shares(i), name)
			wait := sh.poll(measure.Spot{Pinned: true}, i)
			require.Equal(t, sh.shares(i), wait.Yields(), name)
		}
	}
}

// faulty is an edge that does something wrong to one event.
type faulty struct {
	edge
	fault func(vs []event, at int) []event
}

// faultAt is the number of that event: one that is changed by 1 changes what each of the sinks finds.
const faultAt = 30

func (f *faulty) put(w *measure.Poll, vs []event) {
	for i, e := range vs {
		if e.Seq == faultAt {
			vs = f.fault(append([]event(nil), vs...), i)
			break
		}
	}
	if len(vs) > 0 {
		f.edge.put(w, vs)
	}
}

var faults = map[string]func(vs []event, at int) []event{
	"none":    func(vs []event, _ int) []event { return vs },
	"lost":    func(vs []event, at int) []event { return append(vs[:at], vs[at+1:]...) },
	"doubled": func(vs []event, at int) []event { return append(vs[:at+1], vs[at:]...) },
	"changed": func(vs []event, at int) []event {
		vs[at].Value++
		return vs
	},
	"swapped": func(vs []event, at int) []event {
		vs[at], vs[at+1] = vs[at+1], vs[at]
		return vs
	},
	"extra": func(vs []event, _ int) []event { return append(vs, event{Seq: 7 << sourceBits}) },
}

// TestFaults plants each fault on each edge of each shape, once: the sinks find all of them, and nothing where there is
// none.
func TestFaults(t *testing.T) {
	s := spot(t)
	for shapeName, sh := range shapes {
		edges := len(sh.branches)
		for _, b := range sh.branches {
			edges += len(b.steps)
		}
		for faultName, fault := range faults {
			for planted := range edges {
				made := 0
				open := func(senders, batch int) edge {
					e := openRing(senders, batch)
					if made++; made-1 == planted {
						return &faulty{e, fault}
					}
					return e
				}
				_, err := sh.on(open, batchSize)(s, 512)
				what := fmt.Sprintf("%s, %s on edge %d of %d", shapeName, faultName, planted, edges)
				require.Equal(t, edges, made, what)
				if faultName == "none" {
					require.NoError(t, err, what)
				} else {
					require.ErrorContains(t, err, "data error", what)
				}
			}
		}
	}
}

// TestExecFaults: the sinks of Execs find it, too, when a stage mixes events up.
func TestExecFaults(t *testing.T) {
	s := spot(t)
	for name, forge := range map[string]func(seq uint64) uint64{
		"lost":    func(seq uint64) uint64 { return seq + 1 },
		"doubled": func(seq uint64) uint64 { return seq - 1 },
		"swapped": func(seq uint64) uint64 { return seq ^ 1 },
	} {
		wrong := func(dst, src []event) {
			copy(dst, src)
			for i := range dst {
				if dst[i].Seq/2 == faultAt/2 {
					dst[i].Seq = forge(dst[i].Seq)
				}
			}
		}
		for shapeName, sh := range map[string]shape{
			"row":  {sources: 1, branches: []branch{{steps: []step{keep, wrong}, sink: add}}},
			"fork": {sources: 1, branches: []branch{{steps: []step{keep}, sink: add}, {steps: []step{wrong}, sink: add}}},
			"join": {sources: 1, branches: []branch{{steps: []step{keep}, sink: add}, {steps: []step{wrong}}}, join: true},
		} {
			_, err := sh.onExecs(1)(s, 512)
			require.ErrorContains(t, err, "data error", "%s %s", shapeName, name)
		}
	}
}

// TestWhole: whatever carries the events, all shapes come out right, also when rings fill up and events do not come out
// even.
func TestWhole(t *testing.T) {
	s := spot(t)
	for name, sh := range shapes {
		for _, n := range []int{1, 1000, 3 * measure.Capacity} {
			for carrier, open := range transports {
				_, err := sh.on(open, batchSize)(s, n)
				require.NoError(t, err, "%s through %s", name, carrier)
				_, err = sh.on(open, 1)(measure.Spot{CPUs: s.CPUs}, n)
				require.NoError(t, err, "%s through %s, unpinned", name, carrier)
			}
			_, err := sh.onExecs(batchSize)(s, n)
			require.NoError(t, err, "%s on Execs", name)
			for _, batch := range []int{1, batchSize} {
				if sh.sources > 1 {
					_, err := sh.onGroup(batch)(s, n)
					require.NoError(t, err, "%s on a group", name)
				}
			}
		}
	}
}

// TestTrips: a round trip that brings back something else, or none, is an error.
func TestTrips(t *testing.T) {
	for name, c := range map[string]struct {
		back []event
		ok   bool
	}{
		"right":     {[]event{answer(event{0, 0}), answer(event{1, 1})}, true},
		"unchanged": {[]event{answer(event{0, 0}), {1, 1}}, false},
		"doubled":   {[]event{answer(event{0, 0}), answer(event{0, 0})}, false},
		"lost":      {[]event{answer(event{0, 0})}, false},
	} {
		trips := newTrips(2)
		for _, e := range c.back {
			trips.next()
			trips.back(e)
		}
		require.Equal(t, len(c.back) == 2, trips.over(), name)
		sm, err := trips.sample()
		require.Equal(t, c.ok, err == nil, "%s: %v", name, err)
		if c.ok {
			_, found := sm.Of(ages.Max)
			require.True(t, found)
		}
	}
}

// TestAged: every event of every shape has an age, with the last sink that gets it, and what is lost is an error.
func TestAged(t *testing.T) {
	s := spot(t)
	for name, sh := range shapes {
		for _, batch := range []int{1, batchSize} {
			for carrier, how := range map[string]func(shape) run{
				"rings": func(sh shape) run { return sh.on(openRing, batch) },
				"Execs": func(sh shape) run { return sh.onExecs(batch) },
			} {
				sm, err := sh.aged(80, how)(s, 600)
				require.NoError(t, err, "%s through %s", name, carrier)
				require.GreaterOrEqual(t, sm.Items, 600.0, "%s through %s", name, carrier)
			}
		}
		_, err := sh.aged(80, func(sh shape) run {
			return sh.on(func(senders, batch int) edge { return &faulty{openRing(senders, batch), faults["doubled"]} }, 1)
		})(s, 600)
		require.ErrorContains(t, err, "data error", name)
	}
}
