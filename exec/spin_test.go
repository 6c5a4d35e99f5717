package exec_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// As many polling loops as processors would leave none for anybody else: an Exec
// parks at once then, unless it was told to poll for ever, which it does under
// protest.
func TestSpinIsDemoted(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for name, tc := range map[string]struct {
		spin time.Duration
		says string
	}{
		"default":    {0, "level=INFO msg=\"exec: parking at once when idle, because polling would take the last processor\" exec=it polling=0 limit=1 \"limited by\"=GOMAXPROCS"},
		"a while":    {time.Millisecond, "level=INFO msg=\"exec: parking at once when idle"},
		"for ever":   {exec.SpinForever, "level=WARN msg=\"exec: more polling loops than processors"},
		"not at all": {-1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var log logbook
			x := begin(t, exec.Config{Name: "it", Spin: tc.spin, Logger: log.logger()})
			onLoop(t, x, func(*exec.Local) {})
			if tc.spin != exec.SpinForever {
				eventually(t, "it parks at once", func() bool { return x.Stats().Parks > 0 })
			}
			drain(t, x)
			if tc.says == "" {
				require.Empty(t, log.with(""))
			} else {
				require.Len(t, log.with(""), 1)
				require.Len(t, log.with(tc.says), 1, "%v", log.with(""))
			}
		})
	}
	require.Equal(t, 1, runtime.GOMAXPROCS(0), "nobody has changed it")
}

// With processors to spare nobody is demoted, and those that end give their place
// to the next.
func TestSpinIsNotDemotedNeedlessly(t *testing.T) {
	if !quotaAllows(4) {
		t.Skip("the cgroup's quota is too small for three polling loops")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	var log logbook
	for range 5 {
		var execs []*exec.Exec
		for range 3 {
			x, err := exec.New(exec.Config{Logger: log.logger()})
			require.NoError(t, err)
			require.NoError(t, x.Start())
			execs = append(execs, x)
		}
		for _, x := range execs {
			onLoop(t, x, func(*exec.Local) {})
			drain(t, x)
		}
	}
	require.Empty(t, log.with(""))
	// The fourth would take the last one.
	for range 4 {
		x := begin(t, exec.Config{Logger: log.logger()})
		onLoop(t, x, func(*exec.Local) {})
	}
	require.Len(t, log.with(""), 1)
	require.Len(t, log.with("parking at once"), 1)
}
