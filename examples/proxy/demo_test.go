package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The demonstration ends by itself, with every byte accounted for and without errors, although
// an upstream fails.
func TestDemonstration(t *testing.T) {
	s := runShell(t, false, "-duration", "2s", "-every", "500ms", "-clients", "8", "-json")
	require.Equal(t, exitOK, s.end(t), s.errs.String())
	var st Stats
	require.NoError(t, json.Unmarshal([]byte(s.out.String()), &st))
	require.Equal(t, st.BytesIn, st.BytesOut+st.BytesLost)
	require.NotZero(t, st.Load.Requests)
	require.Zero(t, st.Load.Errors)
	unread := st.Load.BytesSent - st.Total.Upstream.In // sent when the connection was reset already
	require.LessOrEqual(t, unread, st.Load.Cut*1024)
	require.Equal(t, st.Load.BytesBack, st.Load.Requests*1024)
	require.Zero(t, st.Open+int64(st.Total.Cut+st.Total.Unserved))
	require.Contains(t, s.errs.String(), "fails (on purpose)")
	require.Contains(t, s.errs.String(), "is back")
	require.Contains(t, s.errs.String(), "requests/s")

	s = runShell(t, true, "-duration", "600ms", "-every", "100ms", "-clients", "2")
	require.Equal(t, exitOK, s.end(t), s.errs.String())
	require.Contains(t, s.out.String(), "\x1b[", "the table is drawn again")
	for _, word := range []string{"worker", "upstream", "requests", "errors", "bytes"} {
		require.Contains(t, s.out.String(), word)
	}
}

// Ctrl-C ends the demonstration early, and all is accounted for.
func TestDemonstrationIsInterrupted(t *testing.T) {
	s := runShell(t, false, "-duration", "1h", "-every", "20ms", "-clients", "4")
	eventually(t, "it runs", func() bool { return strings.Contains(s.out.String(), "requests/s") })
	s.cancel()
	require.Equal(t, exitOK, s.end(t), s.errs.String())
	require.Contains(t, s.out.String(), "errors        0 ")
}

// Ctrl-C ends the process in good order: with the summary, and without an error.
func TestInterruptOfTheDemonstration(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there are no signals to send here")
	}
	c := startChild(t, "proxy", "-clients", "4", "-every", "20ms", "-duration", "1h")
	for !strings.Contains(c.line(), "requests/s") {
	}
	require.NoError(t, c.Process.Signal(os.Interrupt))
	out := c.rest()
	require.NoError(t, c.Wait())
	for _, word := range []string{"connections ", "connects ", "bytes ", "worker 0 ", "upstream ", "requests ", "errors        0 "} {
		require.Contains(t, out, "\n"+word)
	}
}

// Without files enough for its clients the demonstration says so, and does not begin.
func TestDemonstrationWithoutDescriptors(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil || runtime.GOOS != "linux" {
		t.Skip("there is no shell to limit the files with")
	}
	c := launchChild(t, "proxy", exec.Command(sh, "-c", `ulimit -n 300; exec "$0" "$@" 2>&1`, os.Args[0], "-clients", "100", "-workers", "1"))
	require.Equal(t, "proxy: 100 clients (-clients) need about 440 files, and this process may open 300: raise ulimit -n\n", c.rest())
	require.Error(t, c.Wait())
	require.Equal(t, exitFault, c.ProcessState.ExitCode())
}

// Each flag either is for the demonstration, and does there what it says, or is refused by name.
func TestFlagsOfTheDemonstration(t *testing.T) {
	refused := map[string]string{
		"tls-cert": "whose clients know no TLS", "tls-key": "whose clients know no TLS", "tls-timeout": "whose clients know no TLS",
		"proxy-protocol-accept": "no such header", "proxy-protocol-send": "no such header", "proxy-protocol-timeout": "no such header",
		"idle-timeout": "for one that is lost", "max-lifetime": "for one that is lost",
	}
	values := map[string]string{
		"workers": "1", "cpus": "0", "spin": "50us", "balance": "maglev", "buffer": "1K", "connect-timeout": "1s", "connect-retries": "0",
		"max-connections": "128", "drain": "0s", "health-interval": "0s", "health-timeout": "1s", "health-rise": "1", "health-fall": "1",
		"eject-failures": "0", "eject-time": "2s", "eject-max": "3s",
	}
	for i := range fields {
		name := fields[i].flag()
		if name == "listen" || name == "upstreams" {
			continue // there is no demonstration then
		}
		if why := refused[name]; why != "" {
			_, err := parse([]string{"-" + name, "1s"})
			require.ErrorContains(t, err, "-"+name+" is not for the demonstration, ")
			require.ErrorContains(t, err, why+": there must be -listen and -upstreams")
			continue
		}
		require.Contains(t, values, name)
		o, err := parse([]string{"-" + name, values[name]})
		require.NoError(t, err, name)
		require.True(t, o.demo, name)
		plain := demoConfig(o.clients)
		require.NotEqual(t, plain, o.config, "-%s has an effect", name)
		require.NoError(t, fields[i].set(plain, values[name]))
		require.Equal(t, plain, o.config, "-%s has no other effect", name)
	}
}

// What contradicts is found in the demonstration, too.
func TestMistakesInTheDemonstration(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-cpus", "0", "-workers", "2"}, "cpus names 1 cpus for 2 workers"},
		{[]string{"-eject-time", "5s"}, "eject.max is 2s: it must be at least eject.time, which is 5s"},
		{[]string{"-max-connections", "127"}, "-max-connections 127 is too few for the demonstration: it must be at least 128 for 64 clients"},
		{[]string{"-clients", "0"}, `-clients: "0" is not a number from 1`},
		{[]string{"-duration", "0"}, `-duration: "0" is out of range: it must be from 1ms`},
	} {
		_, err := parse(c.args)
		require.ErrorContains(t, err, c.want, "%q", c.args)
	}
	o, err := parse([]string{"-clients", "10000"})
	require.NoError(t, err)
	require.Equal(t, 20_000, o.config.maxConnections)
	require.Equal(t, 500*time.Millisecond, o.config.health.interval)
}
