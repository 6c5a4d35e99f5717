// Package pipelines measures work that passes through several stages, in the shapes by which the LMAX Disruptor is
// measured.
//
// Tables of such libraries are easily misread: some move no payload, their consumers look at nothing, and messages are
// counted in another way for each library. Here every event carries its payload from queue to queue, every stage does
// the Disruptor's work on it, the sinks check count, order and sum of what comes, and every figure is time per event
// that the sources have made, for all implementations alike: where three sinks get each event, it is one event.
package pipelines

import "github.com/pushcore/pushcore/bench/internal/measure"

// Family lists the rows.
func Family() measure.Family {
	var rows []measure.Row
	for _, p := range []struct {
		name, does string
		shape      shape
		standard   bool
	}{
		{"unicast", "one source, one sink that adds values up; a cpu each", unicast, true},
		{"three-to-one", "three sources, one sink that adds values up; source 0 and 2 on the first cpu, source 1 and the sink on the second", threeToOne, true},
		{"three-stages", "a source and three stages in a row, of which the last one counts; the source and stage 2 on the first cpu, stages 1 and 3 on the second", inRow, false},
		{"multicast", "a source and three sinks, each of which gets everything; the source and sink 2 on the first cpu, sinks 1 and 3 on the second", multicast, false},
		{"diamond", "a source, fizz beside buzz, and fizzbuzz behind both; the source and buzz on the first cpu, fizz and fizzbuzz on the second", diamond, true},
	} {
		rows = append(rows, measure.Row{
			Name: "Pipeline/" + p.name,
			Does: p.does + "; sources send one at a time, stages pass on what they find",
			Impls: measure.Join(measure.Ours("pushcore", p.shape.onExecs(1)), measure.Ours("pushcore-ring", p.shape.on(openRing, 1)),
				measure.Each("channel", p.shape.on(openChannel, 1)), measure.Each("mutex-swap", p.shape.on(openSwap, 1))),
			Full: !p.standard,
		}, measure.Row{
			Name: "Pipeline/" + p.name + "/batch=32",
			Does: p.does + "; sources send 32 at once",
			Impls: measure.Join(measure.Ours("pushcore", p.shape.onExecs(batchSize)), measure.Ours("pushcore-ring", p.shape.on(openRing, batchSize)),
				measure.Each("channel", p.shape.on(openChannel, batchSize)), measure.Each("channel-of-batches", p.shape.on(openBatchChannel, batchSize)),
				measure.Each("mutex-swap", p.shape.on(openSwap, batchSize))),
			Full: true,
		})
	}
	rows = append(rows, flowmeterRows()...)
	return measure.Family{
		Name: "pipeline",
		Does: "stages that pass work on: the shapes by which the LMAX Disruptor is measured, and a whole program",
		Rows: rows,
	}
}
