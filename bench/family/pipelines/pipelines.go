// Package pipelines measures work that passes through several stages, in the shapes by which the LMAX Disruptor is
// measured.
//
// Tables of such libraries are easily misread: some move no payload, their consumers look at nothing, and messages are
// counted in another way for each library. Here every event carries its payload from queue to queue, every stage does
// the Disruptor's work on it, the sinks check count, order and sum of what comes, and every figure is time per event
// that the sources have made, for all implementations alike: where three sinks get each event, it is one event.
//
// Most shapes have more threads than the two cpus. Threads that poll and share a cpu give way after some looks in vain,
// and Execs that do park at once: else the rows would measure time slices. All that is pinned has as many Ps as threads.
package pipelines

import (
	"github.com/pushcore/pushcore/bench/internal/courier"
	"github.com/pushcore/pushcore/bench/internal/measure"
)

// Family lists the rows.
func Family() measure.Family {
	rows := shapeRows()
	rows = append(rows, pingPongRow())
	rows = append(rows, latencyRows()...)
	rows = append(rows, flowmeterRows()...)
	return measure.Family{
		Name: "pipeline",
		Does: "stages that pass work on: the shapes by which the LMAX Disruptor is measured, and a whole program",
		Rows: rows,
	}
}

func shapeRows() (rows []measure.Row) {
	for _, p := range []struct {
		name, does string
		shape      shape
		standard   bool
	}{
		{"unicast", "a source; a sink that adds up, on the other cpu", unicast, true},
		{"three-to-one", "sources 1 and 3 on the first cpu; source 2 and their sink on the second", threeToOne, true},
		{"three-stages", "a source and stage 2 on the first cpu; stages 1 and 3 on the second", inRow, false},
		{"multicast", "a source and sink 2 on the first cpu; sinks 1 and 3 on the second", multicast, false},
		{"diamond", "a source and buzz on the first cpu; fizz, and fizzbuzz behind both, on the second", diamond, true},
	} {
		rows = append(rows, measure.Row{
			Name:  "Pipeline/" + p.name,
			Does:  p.does + "; sources send one at a time, stages pass on what they find",
			Impls: implsOf(p.shape, 1),
			Full:  !p.standard,
		}, measure.Row{
			Name: "Pipeline/" + p.name + "/batch=32",
			Does: p.does + "; sources send 32 at once",
			Impls: measure.Join(implsOf(p.shape, batchSize),
				measure.Each("channel-of-batches", p.shape.on(openBatchChannel, batchSize))),
			Full: true,
		})
	}
	return rows
}

func implsOf(sh shape, batch int) []measure.Impl {
	ours := []measure.Impl{
		measure.Ours("pushcore", sh.onExecs(batch)), measure.Ours("pushcore-ring", sh.on(openRing, batch)),
	}
	if sh.sources > 1 {
		ours = append(ours, measure.Ours("pushcore-group", sh.onGroup(batch)))
	}
	return measure.Join(
		ours,
		measure.Each("channel", sh.on(openChannel, batch)),
		measure.Each("mutex-swap", sh.on(openSwap, batch)),
	)
}

func pingPongRow() measure.Row {
	return measure.Row{
		Name: "Pipeline/ping-pong",
		Does: "one event there and back, and then the next; a cpu each, both sides polling; per round trip",
		Impls: measure.Join(measure.Ours("pushcore", pingPongExecs), measure.Ours("pushcore-ring", pingPong(openRing)),
			measure.Each("channel", pingPong(openChannel)), measure.Each("mutex-swap", pingPong(openSwap)),
			measure.Peer("roundtrip", measure.LineRoundTrip)),
		Least: leastAges,
	}
}

// leastAges is how many messages a 99th percentile is taken of, at least.
const leastAges = 1024

func latencyRows() (rows []measure.Row) {
	for _, p := range []struct {
		name, does string
		shape      shape
	}{
		{"unicast", "a cpu each, both sides polling", unicastLatency},
		{"three-stages", "three stages in a row share the second cpu", inRowLatency},
	} {
		for _, load := range []struct {
			name, does string
			share      float64
		}{{"10", "a tenth", 0.1}, {"80", "80 %", 0.8}} {
			impls := measure.Join(
				measure.Ours("pushcore", courier.Loaded(p.shape.courierExecs, load.share)),
				measure.Ours("pushcore-ring", courier.Loaded(p.shape.courier(openRing), load.share)),
				measure.Each("channel", courier.Loaded(p.shape.courier(openChannel), load.share)),
				measure.Each("mutex-swap", courier.Loaded(p.shape.courier(openSwap), load.share)),
				measure.Peer("line-oneway", courier.LineOneWay),
			)
			rows = append(rows, measure.Row{
				Name:  "Pipeline/" + p.name + "/latency/load=" + load.name,
				Does:  "one message at " + load.does + " of what can be sent one by one, from Send to the last stage; " + p.does,
				Impls: impls,
				Full:  true,
				Least: leastAges,
			})
		}
	}
	return rows
}
