// Package family lists the families of rows, in the order in which they are measured and shown.
package family

import (
	"github.com/pushcore/pushcore/bench/family/affinity"
	"github.com/pushcore/pushcore/bench/family/execs"
	"github.com/pushcore/pushcore/bench/family/floor"
	"github.com/pushcore/pushcore/bench/family/groups"
	"github.com/pushcore/pushcore/bench/family/idle"
	"github.com/pushcore/pushcore/bench/family/pipelines"
	"github.com/pushcore/pushcore/bench/family/rings"
	"github.com/pushcore/pushcore/bench/family/sockets"
	"github.com/pushcore/pushcore/bench/internal/measure"
)

// All returns all of them.
func All() []measure.Family {
	return []measure.Family{
		floor.Family(), rings.Family(), execs.Family(), groups.Family(), pipelines.Family(), sockets.Family(),
		affinity.Family(), idle.Family(),
	}
}
