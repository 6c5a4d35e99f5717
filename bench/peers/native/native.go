// Package native is the queues of other languages, as programs that do the same work and check it.
package native

import (
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/queue"
)

// Impls returns the implementations that can do s between one producer ("spsc") or several ("mpsc") and one consumer.
func Impls(kind string, s queue.Shape) []measure.Impl { return nil }
