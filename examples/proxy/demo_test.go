package main

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

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

// Ctrl-C with a client that does not end: the time of -drain is all that it gets, it is counted, and
// that is no error.
func TestInterruptWithAConnection(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there are no signals to send here")
	}
	listen, _ := freeAddr(t)
	c := startChild(t, "proxy", "-listen", listen, "-upstreams", serve(t, echo).addr(), "-drain", "50ms", "-json")
	eventually(t, "it listens", func() bool { return listens(listen) })
	conn := dial(t, listen)
	_, err := conn.Write([]byte("a"))
	require.NoError(t, err)
	_, err = io.ReadFull(conn, make([]byte, 1))
	require.NoError(t, err)
	require.NoError(t, c.Process.Signal(syscall.SIGINT))
	out := c.rest()
	require.NoError(t, c.Wait())
	var st Stats
	require.NoError(t, json.Unmarshal([]byte(out), &st))
	require.EqualValues(t, 1, st.Total.Cut)
	_, err = conn.Read(make([]byte, 1))
	require.Error(t, err)
	require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
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
