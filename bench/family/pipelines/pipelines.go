// Package pipelines measures work that passes through several stages, in the shapes by which the LMAX Disruptor is
// measured.
//
// Tables of such libraries are easily misread: some move no payload, their consumers look at nothing, and messages are
// counted in another way for each library. Here every event carries its payload from queue to queue, every stage does
// the Disruptor's work on it, the sinks check count, order and sum of what comes, and every figure is time per event
// that the sources have made, for all implementations alike: where three sinks get each event, it is one event.
//
// Most shapes have more threads than the two cpus. Threads that poll and share a cpu give way after some looks in vain,
// and Execs that do park at once: else the rows would measure time slices. All that is pinned has as many Ps as
// threads.
package pipelines

import (
	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/measure"
)

// Family lists the rows.
func Family() measure.Family {
	rows := shapeRows()
	rows = append(rows, pingPongRow())
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
		for _, batch := range []int{1, batchSize} {
			r := measure.Row{
				Name:  "Pipeline/" + p.name,
				Does:  p.does + "; sources send one at a time, stages pass on what they find",
				Impls: implsOf(p.shape, batch, 0),
				Full:  !p.standard,
			}
			if batch > 1 {
				r.Name += "/batch=32"
				r.Does = p.does + "; sources send 32 at once"
				r.Full = true
			}
			rows = append(append(rows, r), ages.Rows(r, "the last sink has it", func(load int) []measure.Impl {
				return implsOf(p.shape, batch, load)
			})...)
		}
	}
	return rows
}

// implsOf lists who does a shape; with a load, in percent, ages are measured.
func implsOf(sh shape, batch, load int) (all []measure.Impl) {
	each := func(name string, own bool, how func(shape) run) {
		f := how(sh)
		if load > 0 {
			f = sh.aged(load, how)
		}
		switch {
		case !own:
			all = append(all, measure.Each(name, f)...)
		case sh.threads() > 2: // some share a cpu: whether that should be left to the scheduler is a question
			all = append(all, measure.EachOurs(name, f)...)
		default:
			all = append(all, measure.Ours(name, f))
		}
	}
	through := func(open transport) func(shape) run {
		return func(sh shape) run { return sh.on(open, batch) }
	}
	each("pushcore", true, func(sh shape) run { return sh.onExecs(batch) })
	each("pushcore-ring", true, through(openRing))
	if sh.sources > 1 {
		each("pushcore-group", true, func(sh shape) run { return sh.onGroup(batch) })
	}
	each("channel", false, through(openChannel))
	each("mutex-swap", false, through(openSwap))
	if batch > 1 {
		each("channel-of-batches", false, through(openBatchChannel))
	}
	return all
}

func pingPongRow() measure.Row {
	return measure.Row{
		Name: "Pipeline/ping-pong",
		Does: "one event there and back, and then the next; a cpu each, both sides polling; per round trip",
		Impls: measure.Join(measure.Ours("pushcore", pingPongExecs), measure.Ours("pushcore-ring", pingPong(openRing)),
			measure.Each("channel", pingPong(openChannel)), measure.Each("mutex-swap", pingPong(openSwap)),
			measure.Floor("roundtrip", measure.LineRoundTrip)),
		Least: ages.Least,
	}
}
