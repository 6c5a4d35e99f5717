package pools

import (
	"slices"

	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/measure"
)

// WithLatency returns a row with its latency rows, see ages.Rows, without those that crawl.
func WithLatency(r measure.Row, until string, impls func(load int) []measure.Impl, standard ...int) []measure.Row {
	return append([]measure.Row{r}, ages.Rows(r, until, func(load int) []measure.Impl {
		return Walking(impls(load))
	}, standard...)...)
}

// Walking leaves out who cannot keep to a schedule: a pinned sender that is to wait for a free worker changes threads
// for every message, and a schedule for the others takes it seconds. It is measured beside the same peer unpinned where
// throughput is.
func Walking(impls []measure.Impl) []measure.Impl {
	return slices.DeleteFunc(impls, func(im measure.Impl) bool {
		return im.Pinned && (im.Name == "ants" || im.Name == "errgroup")
	})
}
