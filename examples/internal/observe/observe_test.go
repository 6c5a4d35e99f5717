package observe_test

import (
	"flag"
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/internal/observe"
	"github.com/pushcore/pushcore/examples/internal/observe/observetest"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group/debug"
)

const within = 30 * time.Second // for what should happen soon

// begin makes an Observer as a program does that has these arguments. It is closed with the test.
func begin(t *testing.T, w io.Writer, args ...string) *observe.Observer {
	var cfg observe.Config
	fs := flag.NewFlagSet("test", flag.ContinueOnError)
	cfg.Flags(fs)
	require.NoError(t, fs.Parse(args))
	o, err := observe.New(cfg, w, slog.New(slog.NewTextHandler(w, nil)))
	require.NoError(t, err)
	t.Cleanup(o.Close)
	return o
}

// startExec starts an Exec that ends with the test.
func startExec(t *testing.T, cfg exec.Config) *exec.Exec {
	x, err := exec.New(cfg)
	require.NoError(t, err)
	require.NoError(t, x.Start())
	t.Cleanup(func() {
		x.Stop()
		require.NoError(t, x.Wait())
	})
	return x
}

// The dashboard is at the address that is said, which is of this machine only, until Close.
func TestDashboard(t *testing.T) {
	x := startExec(t, exec.Config{Name: "packets", Spin: -1})
	for _, addr := range []string{":0", "0", "127.0.0.1:0"} {
		var w observetest.Output
		o := begin(t, &w, "-debug", addr)
		require.Empty(t, w.String())
		require.NoError(t, o.Show(debug.Execs("capture", x)))
		m := regexp.MustCompile(`^debug: (http://127\.0\.0\.1:\d+/) shows what the Execs do\n$`).FindStringSubmatch(w.String())
		require.NotNil(t, m, w.String())
		report := w.Report(t, func(debug.Report) bool { return true })
		require.Equal(t, "capture", report.Groups[0].Name)
		require.Equal(t, "packets", report.Groups[0].Members[0].Exec.Name)
		o.Close()
		_, err := http.Get(m[1])
		require.Error(t, err)
	}
}

// Without flags there is neither a server nor an output.
func TestNothing(t *testing.T) {
	var w observetest.Output
	o := begin(t, &w)
	require.NoError(t, o.Show())
	o.Close()
	require.Empty(t, w.String())
}

func TestMistakes(t *testing.T) {
	for value, why := range map[string]string{
		"localhost":    `"localhost" is no address: write :6060 for this machine only, or host:port`,
		":66000":       `":66000" has the port "66000": it must be a number from 0 to 65535`,
		"-1":           `"-1" has the port "-1"`,
		"":             `"" is no address`,
		"a:b:1":        `"a:b:1" is no address: write :6060 for this machine only, or host:port`,
		"http://x:606": `"http://x:606" is no address`,
	} {
		var cfg observe.Config
		fs := flag.NewFlagSet("test", flag.ContinueOnError)
		fs.SetOutput(io.Discard)
		cfg.Flags(fs)
		require.ErrorContains(t, fs.Parse([]string{"-debug", value}), why)
		require.Empty(t, cfg)
		require.ErrorContains(t, fs.Parse([]string{"-flight", ""}), `"" is no directory`)
	}
}

// A port that somebody has is an error that names it.
func TestPortInUse(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	o := begin(t, io.Discard, "-debug", ln.Addr().String())
	err = o.Show()
	require.ErrorContains(t, err, ln.Addr().String())
	require.ErrorContains(t, err, "in use")
}
