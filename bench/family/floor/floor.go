// Package floor is the family of what the hardware, the kernel and the runtime take, whoever programs them: no other
// row can be better.
package floor

import "github.com/pushcore/pushcore/bench/internal/measure"

// Family lists the rows.
func Family() measure.Family {
	return measure.Family{
		Name: "floor",
		Does: "what the hardware, the kernel and the runtime take: no other row can be better",
		Rows: []measure.Row{
			{Name: "Floor/calibration", Does: "a chain of dependent shifts: the clock of the core", Impls: []measure.Impl{measure.Calibration()}},
			{Name: "Floor/line", Does: "a cache line from one cpu to the other and back", Impls: []measure.Impl{measure.Ours("roundtrip", measure.LineRoundTrip)}},
		},
	}
}
