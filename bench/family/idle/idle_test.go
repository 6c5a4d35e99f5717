package idle

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/message"
)

// TestCrowd: what is lost, doubled or changed is found, whoever got it.
func TestCrowd(t *testing.T) {
	all := func() crowd {
		c := make(crowd, 2)
		c[0].take(message.Make(0), message.Make(3))
		c[1].take(message.Make(2), message.Make(1))
		return c
	}
	require.NoError(t, all().await(4))
	for name, spoil := range map[string]func(c crowd) error{
		"more":    func(c crowd) error { c[0].take(message.Make(4)); return c.await(4) },
		"fewer":   func(c crowd) error { return c.err(5) },
		"changed": func(c crowd) error { c[0].take(message.Message{Seq: 4}); return c.await(5) },
		"other":   func(c crowd) error { c[0].take(message.Make(5)); return c.await(5) },
		// 1, 2 and 6 have the sum of 0, 4 and 5, and that of the squares.
		"three for three": func(crowd) error {
			c := make(crowd, 1)
			for _, v := range []uint64{1, 2, 6, 1, 2, 3, 6} {
				c[0].take(message.Make(v))
			}
			return c.await(7)
		},
	} {
		require.ErrorContains(t, spoil(all()), "data error", name)
	}
}

// TestOddAmounts: any amount is done in full.
func TestOddAmounts(t *testing.T) {
	for _, n := range []int{1, 31, 513} {
		for _, run := range []run{crowdGroup(3), crowdChannels(3)} {
			_, err := run(measure.Spot{}, n)
			require.NoError(t, err, n)
		}
	}
}

// TestStarts: every kind of worker starts, works and ends.
func TestStarts(t *testing.T) {
	for name, start := range map[string]starter{
		"group": groupOf(0), "parking": groupOf(-1), "channels": channels, "ants": antsPool, "pond": pondPool,
	} {
		stop, err := start(measure.Spot{}, 3)
		require.NoError(t, err, name)
		require.NoError(t, stop(), name)
	}
}

func TestHierarchies(t *testing.T) {
	all := hierarchies("12:devices:/\n4:cpu,cpuacct:/a/b\n5:cpuset:/c\n0::/user.slice\nrubbish\n")
	require.Len(t, all, 2)
	require.Equal(t, []string{"/a/b", "/user.slice"}, []string{all[0].self, all[1].self})
	require.Equal(t, []string{"cpu.cfs_quota_us", "cpu.max"}, []string{all[0].file, all[1].file})
	require.Equal(t, "50000", all[0].limit(period/2, period))
	require.Equal(t, "50000 100000", all[1].limit(period/2, period))
	require.Empty(t, hierarchies(""))
}

// TestRefused: a place that will not do is left as it was found.
func TestRefused(t *testing.T) {
	h := hierarchies("0::/a/b")[0]
	h.mount = t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(h.mount, "a/b"), 0o755))
	_, err := h.create("x", 0.5)
	require.ErrorIs(t, err, os.ErrNotExist, "no cpu.max appears in an ordinary directory")
	left, err := filepath.Glob(filepath.Join(h.mount, "*", "*", "*"))
	require.NoError(t, err)
	left2, err := filepath.Glob(filepath.Join(h.mount, "x"))
	require.NoError(t, err)
	require.Empty(t, append(left, left2...))

	// One that is there already may be somebody's.
	require.NoError(t, os.MkdirAll(filepath.Join(h.mount, "a/b/x"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(h.mount, "a/b/x/cpu.max"), []byte("max 100000"), 0o600))
	_, err = h.create("x", 0.5)
	require.Error(t, err)
	was, err := os.ReadFile(filepath.Join(h.mount, "a/b/x/cpu.max"))
	require.NoError(t, err)
	require.Equal(t, "max 100000", string(was))
}

// TestCgroup: where one may be made it has the limit, and goes away.
func TestCgroup(t *testing.T) {
	dir, remove, err := newCgroup(quota)
	if err != nil {
		require.ErrorIs(t, err, measure.ErrSkip)
		t.Skip(err)
	}
	t.Cleanup(func() { require.NoError(t, removeCgroup(dir), "again") })
	var limit string
	for _, file := range []string{"cpu.max", "cpu.cfs_quota_us"} {
		b, _ := os.ReadFile(filepath.Join(dir, file))
		limit += string(b)
	}
	require.True(t, strings.HasPrefix(limit, "50000"), limit)
	require.NoError(t, remove())
	require.NoDirExists(t, dir)
}

func TestParseThrottled(t *testing.T) {
	sm, err := parseThrottled([]byte(`{"p50_ns":1,"p99_ns":20,"items":300,"cpu_seconds":0.5}`))
	require.NoError(t, err)
	require.Equal(t, measure.Sample{Items: 300, Metrics: []measure.Metric{
		{Value: 20, Unit: "p99-ns"}, {Value: 1, Unit: "p50-ns"}, {Value: 600, Unit: "items/cpu-s"},
	}}, sm)
	for _, text := range []string{"", "{}", `{"items":300}`, `{"cpu_seconds":1}`} {
		_, err := parseThrottled([]byte(text))
		require.Error(t, err, text)
	}
}

// TestSpread: workers take turns over both cpus, the second first.
func TestSpread(t *testing.T) {
	require.Empty(t, spread(measure.Spot{CPUs: [2]int{4, 7}}, 3), "not pinned")
	s := measure.Spot{CPUs: [2]int{4, 7}, Pinned: true}
	if s.WorkerCPU() == nil {
		t.Skip("threads cannot be pinned here")
	}
	require.Equal(t, []int{7, 4, 7}, []int(spread(s, 3)))
}

// TestBurn: the share is of one core.
func TestBurn(t *testing.T) {
	sleeps := func(measure.Spot, int) (func() error, error) { return func() error { return nil }, nil }
	began := time.Now()
	sm, err := burn(sleeps, 1)(measure.Spot{}, 1)
	if _, known := measure.CPUTime(false); known != nil {
		require.ErrorIs(t, err, measure.ErrSkip)
		return
	}
	require.NoError(t, err)
	require.GreaterOrEqual(t, time.Since(began), time.Second)
	require.Equal(t, "%core", sm.Metrics[0].Unit)
}
