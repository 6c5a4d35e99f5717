package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// What a sampler's samples say is what is true, whatever the rate: how many there were, and how long they took together,
// also if few of them take most of the time, and if there are pauses.
func TestSamplerIsUnbiased(t *testing.T) {
	const every, stale = 100, 4000 // ticks
	for name, took := range map[string]func(n int) (busy, pause int64){
		"short":       func(int) (int64, int64) { return 2, 0 },
		"as they are": func(int) (int64, int64) { return 100, 0 },
		"long":        func(int) (int64, int64) { return 10_000, 0 },
		"few long":    func(n int) (int64, int64) { return 1 + int64(n%100/99)*5000, 0 },
		"pauses":      func(n int) (int64, int64) { return 1 + int64(n%100/99)*300, int64(n%5000/4999) * 100_000 },
	} {
		t.Run(name, func(t *testing.T) {
			var s exec.Sampler
			now, shown, busy, sum, count, samples := int64(0), int64(0), int64(0), int64(0), uint64(0), 0
			const things = 2_000_000
			for n := range things {
				d, pause := took(n)
				now, busy = now+d, busy+d
				if s.Due(uint64(n + 1)) {
					w := s.Took(uint64(n+1), now, every)
					sum, count = sum+d*int64(w), count+w
					samples++
				}
				if now += pause; now-shown > every {
					s.Relax(uint64(n+1), now, stale)
					shown = now
				}
			}
			require.InEpsilon(t, things, count, 0.05)
			require.InEpsilon(t, busy, sum, 0.35)
			require.Less(t, int64(samples), max(things/10, 4*busy/every), "so few that they cost little")
		})
	}
}
