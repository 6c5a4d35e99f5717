package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Every mistake is reported with its file, its line and its field.
func TestMistakesInAFile(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"listen: nowhere", `f.yaml:1: listen: "nowhere" is no address: write host:port, such as 127.0.0.1:8080 or [::1]:8080`},
		{"listen: :99999", `f.yaml:1: listen: ":99999" has the port "99999": it must be a number from 0 to 65535`},
		{"upstreams: [':80']", `f.yaml:1: upstreams: ":80" has no host: write host:port, such as 127.0.0.1:8080`},
		{"upstreams:\n  - a:1\n  - b:2\n  - a:1\n", `f.yaml:4: upstreams: a:1 is there twice: name each upstream once`},
		{"upstreams: a:1", `f.yaml:1: upstreams: it must be a list, one item per line that begins with a dash`},
		{"upstreams:\n  - [a:1]", `f.yaml:2: upstreams: there must be a single value`},
		{"workers: many", `f.yaml:1: workers: "many" is not a number from 0 to 256`},
		{"cpus: 3-1", `f.yaml:1: cpus: `},
		{"listen: :1\n\nbalance: random", `f.yaml:3: balance: "random" is none of round-robin, least-connections, maglev`},
		{"buffer: 1G", `f.yaml:1: buffer: "1G" is not a number of bytes from 1024 to 16777216: write it as 65536 or 64K`},
		{"idle_timeout: 30", `f.yaml:1: idle_timeout: "30" is not a duration: write it with a unit, such as 500ms, 2s or 5m`},
		{"idle_timeout: -1s", `f.yaml:1: idle_timeout: "-1s" is out of range: it must be from 0s to 87600h0m0s`},
		{"max_connections: 0", `f.yaml:1: max_connections: "0" is not a number from 1 to 4194304`},
		{"health:\n  interval: 1s\n  rise: 0", `f.yaml:3: health.rise: "0" is not a number from 1 to 1000`},
		{"health:\n  intervall: 1s", `f.yaml:2: health.intervall: there is no such field: there are interval, timeout, rise, fall`},
		{"lissten: :1", `f.yaml:1: lissten: there is no such field: there are listen, upstreams, workers,`},
		{"health: 1s", `f.yaml:1: health: there must be fields here, one per line, such as listen: :8080`},
		{"health:", `f.yaml:1: health: there must be fields here`},
		{"listen:", `f.yaml:1: listen: there must be a single value`},
		{"listen: :1\nlisten: :2", `f.yaml:2: listen: it is there twice, first on line 1`},
		{"- a", `f.yaml:1: there must be fields here`},
		{"", `f.yaml: it is empty`},
		{"listen: [", `f.yaml: line 1: did not find expected node content`},
		{"proxy_protocol:\n  accept: v3", `f.yaml:2: proxy_protocol.accept: "v3" is none of off, v1, v2, any`},
		{"connect:\n  timeout: 0s", `f.yaml:2: connect.timeout: "0s" is out of range: it must be from 1ms`},
		{"listen: &x :1\nspin: *x", `f.yaml:2: spin: there must be a single value`},
	} {
		err := readYAML("f.yaml", []byte(c.text), defaultConfig())
		require.ErrorContains(t, err, c.want, c.text)
	}
	err := readYAML("f.yaml", []byte("workers: x\nbalance: y\n"), defaultConfig())
	require.Len(t, strings.Split(err.Error(), "\n"), 2, "both mistakes are reported")
}

// The example of the README has every field, and each does what it says.
func TestTheReadmesFile(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, text, found := strings.Cut(string(readme), "```yaml\n")
	require.True(t, found)
	text, _, found = strings.Cut(text, "```")
	require.True(t, found)
	t.Chdir(t.TempDir()) // the files that it names
	newIdentity(t, "readme").write(t, "proxy.crt", "proxy.key")
	c := defaultConfig()
	require.NoError(t, readYAML("proxy.yaml", []byte(text), c))
	require.NoError(t, c.check())
	for _, f := range fields {
		name := f.path[strings.LastIndex(f.path, ".")+1:]
		require.Contains(t, text, name+":", "the example lacks %s", f.path)
		require.Contains(t, helpText, "  -"+f.flag()+" ", "the help lacks %s", f.path)
	}
	require.Equal(t, []string{"10.0.0.1:80", "10.0.0.2:80"}, c.upstreams)
	require.Equal(t, 2*time.Second, c.health.interval)
	require.Equal(t, "v2", c.header.send)
	require.Equal(t, 64<<10, c.buffer)
}

func parseWith(t *testing.T, file string, args ...string) (*options, error) {
	t.Helper()
	if file != "" {
		name := filepath.Join(t.TempDir(), "proxy.yaml")
		require.NoError(t, os.WriteFile(name, []byte(file), 0o600))
		args = append([]string{"-config", name}, args...)
	}
	return parse(args)
}

// Flags come before the file, and the file before the defaults.
func TestPrecedence(t *testing.T) {
	o, err := parseWith(t, "listen: :1\nupstreams: [a:1, b:1]\nbalance: maglev\nhealth: {rise: 7}\n",
		"-upstreams", "c:1,d:1", "-upstreams", "e:1", "-balance", "least-connections")
	require.NoError(t, err)
	require.Equal(t, []string{"c:1", "d:1", "e:1"}, o.config.upstreams)
	require.Equal(t, "least-connections", o.config.balance)
	require.Equal(t, 7, o.config.health.rise)
	require.Equal(t, 3, o.config.health.fall)
	require.False(t, o.demo)
	require.Zero(t, o.duration)

	o, err = parseWith(t, "", "-workers", "1", "-json")
	require.NoError(t, err)
	require.True(t, o.demo)
	require.Equal(t, 10*time.Second, o.duration)
	require.Equal(t, time.Second, o.every)
}

func TestMistakesOnTheCommandLine(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"x"}, `unexpected argument "x" (upstreams are given with -upstreams)`},
		{[]string{"-nope"}, "there is no flag -nope"},
		{[]string{"-health-rise", "x"}, `-health-rise: "x" is not a number from 1 to 1000`},
		{[]string{"-duration", "5"}, `-duration: "5" is not a duration`},
		{[]string{"-size", "1"}, `-size: "1" is not a number of bytes from 8`},
		{[]string{"-listen", ":1"}, "upstreams is missing"},
		{[]string{"-upstreams", "a:1"}, "listen is missing"},
		{[]string{"-listen", ":1", "-upstreams", "a:1", "-clients", "3"}, "-clients and -size are for the demonstration"},
		{[]string{"-listen", "127.0.0.1:1", "-upstreams", "127.0.0.1:1"}, "the proxy would connect to itself"},
		{[]string{"-listen", ":1", "-upstreams", "a:1", "-cpus", "0-3", "-workers", "2"}, "cpus names 4 cpus for 2 workers"},
		{[]string{"-listen", ":1", "-upstreams", "a:1", "-eject-max", "1s"}, "eject.max is 1s: it must be at least eject.time, which is 5s"},
		{[]string{"-config", "/no/such/file"}, "open /no/such/file: no such file"},
	} {
		_, err := parse(c.args)
		require.ErrorContains(t, err, c.want, "%q", c.args)
	}
	_, err := parseWith(t, "listen: :1")
	require.ErrorContains(t, err, "proxy.yaml: upstreams is missing")
}

// An idle worker sleeps at once unless it is told to poll.
func TestSpin(t *testing.T) {
	for value, want := range map[string]time.Duration{"": -1, "off": -1, "0": -1, "0s": -1, "50us": 50 * time.Microsecond} {
		var args []string
		if value != "" {
			args = []string{"-spin", value}
		}
		o, err := parseWith(t, "listen: :1\nupstreams: [a:1]\n", args...)
		require.NoError(t, err, value)
		require.Equal(t, want, o.config.spin, value)
	}
	_, err := parse([]string{"-spin", "50"})
	require.ErrorContains(t, err, `-spin: "50" is not a duration`)
}
