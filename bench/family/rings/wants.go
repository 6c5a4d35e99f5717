package rings

import (
	"fmt"
	"slices"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/queue"
)

// goPeers are the Go queues that ours must never be slower than.
var goPeers = []string{"channel", "mutex-swap", "xsync", "xsync-mpmc", "xsync-umpsc", "workiva"}

// wants says what a row is to show.
func wants(kind string, s queue.Shape, impls []measure.Impl) (all []measure.Want) {
	has := func(name string) bool {
		return slices.ContainsFunc(impls, func(im measure.Impl) bool { return im.Name == name })
	}
	for _, peer := range goPeers {
		if has(peer) {
			all = append(all, measure.Faster("pushcore", peer, faster(kind, s, peer)))
		}
	}
	if has("pushcore-pop") && plain(s) {
		all = append(all, measure.Faster("pushcore-pop", "channel", 2))
	}
	if x := faster(kind, s, "rte_ring"); x > 0 && has("rte_ring") {
		all = append(all, measure.Faster("pushcore", "rte_ring", x))
	}
	switch { // in ns per element
	case s.Bare && s.Batch == 32:
		all = append(all, measure.AtMost("pushcore", 25./32))
	case kind == "spsc" && s.OneCore && plain(s) && s.Batch == 1 && !s.Bare:
		all = append(all, measure.AtMost("pushcore", 6))
	}
	return all
}

// faster returns how many times as fast as a peer ours is to be, or 0 where nothing is asked.
func faster(kind string, s queue.Shape, peer string) float64 {
	two := plain(s) && !s.OneCore && s.Producers == 1
	switch peer {
	case "rte_ring":
		switch {
		case kind == "mpsc":
			return 1
		case !plain(s) || s.Staged || s.Bare || s.Batch > 128:
			return 0
		case s.Batch <= 8:
			return 1.2
		}
		return 1
	case "channel":
		switch {
		case !two || s.Staged:
		case kind == "mpsc" && s.Batch == 32:
			return 8
		case kind == "spsc" && s.Batch <= 32:
			return map[int]float64{1: 2, 8: 6, 32: 15}[s.Batch]
		}
	case "mutex-swap":
		if two && s.Staged {
			return 2
		}
	}
	return 1
}

// does says what a row does.
func does(kind string, s queue.Shape) string {
	how := fmt.Sprintf("by %d, visible together", s.Batch)
	switch {
	case s.Staged:
		how = fmt.Sprintf("staged singly, made visible by %d (mutex-swap appends so many)", s.Batch)
	case s.Batch == 1:
		how = "one at a time, visible at once"
	}
	what := "words"
	switch {
	case s.Pointers:
		what = fmt.Sprintf("pointers to objects of %d bytes", s.Size)
	case s.Size > 8:
		what = fmt.Sprintf("elements of %d bytes", s.Size)
	}
	who := "two cores"
	switch {
	case s.Bare:
		return what + " " + how + "; one thread pushes a batch and pops it again, unchecked but for its ends: the ring's " +
			"instructions alone"
	case s.OneCore:
		who = "one thread pushes a batch and pops it again"
	case s.Producers == 2:
		who = "2 producers, of which one shares the consumer's cpu"
	case s.Producers > 2:
		who = fmt.Sprintf("%d producers, %d of which share the consumer's cpu", s.Producers, s.Producers/2)
	}
	if bounded := kind == "spsc" || s.Pointers; !bounded && s.Batch == 1 {
		who += "; xsync-umpsc has no bound, and its consumer sleeps"
	}
	if s.Batch > 1 {
		who += "; of the peers that know no batches the channel is here"
	}
	return what + " " + how + "; " + who
}
