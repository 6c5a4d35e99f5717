//go:build linux && !portable

package place_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec/place"
)

// four returns four cores, with one more file for each.
func four(file string, values ...string) sysfs {
	s := sysfs{cpuDir + "online": "0-3"}
	for id := range 4 {
		own := fmt.Sprint(id)
		s.cpu(id, 0, id, own, own, "0-3")
		if id < len(values) {
			s[fmt.Sprintf("%scpu%d/%s", cpuDir, id, file)] = values[id]
		}
	}
	return s
}

func (s sysfs) with(name, text string) sysfs {
	s[name] = text
	return s
}

func TestKinds(t *testing.T) {
	const (
		u = place.Uniform
		p = place.Performance
		e = place.Efficiency
	)
	const capacity, freq, l1 = "cpu_capacity", "cpufreq/cpuinfo_max_freq", "cache/index0/size"
	for _, tc := range []struct {
		name string
		sys  sysfs
		want [4]place.Kind
	}{
		{"nothing told", four(""), [4]place.Kind{u, u, u, u}},
		{"counter units", four("").with("devices/cpu_core/cpus", "0-1").with("devices/cpu_atom/cpus", "2-3"), [4]place.Kind{p, p, e, e}},
		{"counter units go before capacities", four(capacity, "446", "446", "1024", "1024").with("devices/cpu_core/cpus", "0-1"), [4]place.Kind{p, p, e, e}},
		{"counter unit of all", four("").with("devices/cpu_core/cpus", "0-3"), [4]place.Kind{u, u, u, u}},
		{"counter unit of others", four("").with("devices/cpu_core/cpus", "8-9"), [4]place.Kind{u, u, u, u}},
		{"big and little", four(capacity, "446", "446", "1024", "1024"), [4]place.Kind{e, e, p, p}},
		{"three tiers", four(capacity, "250", "250", "760", "1024"), [4]place.Kind{e, e, p, p}},
		{"equal capacities", four(capacity, "1024", "1024", "1024", "1024"), [4]place.Kind{u, u, u, u}},
		{"one capacity missing", four(capacity, "446", "446", "1024"), [4]place.Kind{u, u, u, u}},
		{"favoured cores", four(freq, "5600000", "5700000", "5400000", "5400000"), [4]place.Kind{u, u, u, u}},
		{"dense cores", four(freq, "5100000", "5100000", "3300000", "3300000"), [4]place.Kind{p, p, e, e}},
		{"small caches", four(l1, "48K", "48K", "32K", "32K"), [4]place.Kind{p, p, e, e}},
		{"equal caches", four(l1, "32K", "32K", "32K", "32K"), [4]place.Kind{u, u, u, u}},
		{"garbage", four(capacity, "fast", "slow", "-1", "0"), [4]place.Kind{u, u, u, u}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got [4]place.Kind
			cpus := place.ReadTopology(tc.sys.fs(), place.Of(0, 1, 2, 3), silent)
			for i, c := range cpus {
				got[i] = c.Kind
			}
			require.Equal(t, tc.want, got)
		})
	}

	t.Run("chosen", func(t *testing.T) {
		all := place.Of(0, 1, 2, 3)
		cpus := place.ReadTopology(four(capacity, "446", "446", "1024", "1024").fs(), all, silent)
		got, err := place.ChooseOn(2, all, cpus)
		require.NoError(t, err)
		require.Equal(t, []int{2, 3}, got)
	})
}
