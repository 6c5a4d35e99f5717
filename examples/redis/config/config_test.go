package config

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The command line has the last word over the file, and the file over the defaults.
func TestPrecedence(t *testing.T) {
	path := filepath.Join(t.TempDir(), "redis.conf")
	require.NoError(t, os.WriteFile(path, []byte("# a comment\n\nport 7000\nmaxclients 50\nbind 127.0.0.1 ::1\nproto-max-bulk-len 2mb\nappendonly yes\nappendfilename \"log file\"\nspin 1ms\n"), 0o600))
	o, err := Parse([]string{"--config", path, "--maxclients", "60", "--io-threads=3"})
	require.NoError(t, err)
	require.Equal(t, 7000, o.Port)
	require.Equal(t, 60, o.MaxClients)
	require.Equal(t, []string{"127.0.0.1", "::1"}, o.Bind)
	require.Equal(t, 2<<20, o.MaxBulk)
	require.True(t, o.AppendOnly)
	require.Equal(t, "log file", o.AppendFilename)
	require.Equal(t, EverySec, o.AppendFsync)
	require.Equal(t, 3, o.Threads())
	require.Equal(t, time.Millisecond, o.Spin)
	o, err = Parse(nil)
	require.NoError(t, err)
	require.Equal(t, 6379, o.Port)
	require.Positive(t, o.Threads())
	require.Zero(t, o.Spin)
	o, err = Parse([]string{"--config", path, "--spin", "50us"})
	require.NoError(t, err)
	require.Equal(t, "50us", Find("spin").Get(o))
}

// An error says which option it is about, and where.
func TestErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "redis.conf")
	for line, want := range map[string]string{
		"port x":                ":2: port x: argument couldn't be parsed into an integer",
		"maxclients 05":         ":2: maxclients 05: argument couldn't be parsed into an integer",
		"port 70000":            ":2: port 70000: argument must be between 0 and 65535 inclusive",
		"prot 1":                `:2: unknown option "prot"`,
		"port":                  ":2: port has no value",
		"appendonly maybe":      "argument must be 'yes' or 'no'",
		"appendfsync sometimes": "everysec, always, no",
		"bind localhost":        `"localhost" is no IP address`,
		"io-threads 33":         "between 0 and 32",
		"cpus x":                "cpus x: ",
		"proto-max-bulk-len 5":  "between 1048576",
		"timeout 1s":            "couldn't be parsed",
		"spin 50":               "spin 50: argument must be a time with its unit, such as 50us",
		"spin 2s":               "between 0 and 1000000us",
		"spin -1us":             "between 0 and 1000000us",
		"spin 10ns":             "a number of microseconds",
	} {
		require.NoError(t, os.WriteFile(path, []byte("maxclients 5\n"+line), 0o600))
		_, err := Parse([]string{"--config", path})
		require.ErrorContains(t, err, path)
		require.ErrorContains(t, err, want)
	}
	for _, args := range [][]string{{"--port", "x"}, {"6379"}, {"--nosuch"}, {"--cpus", "0-1", "--io-threads", "1"}, {"--appendfilename", "a/b"}, {"--dir", "/no/such"}, {"--config", "/no/such"}} {
		_, err := Parse(args)
		require.Error(t, err, args)
	}
	_, err := Parse([]string{"-h"})
	require.True(t, IsHelp(err))
}

// What an option prints it also reads, so CONFIG GET and CONFIG SET agree.
func TestRoundTrip(t *testing.T) {
	o := Default()
	for _, p := range Params {
		if v := p.Get(o); v != "" {
			require.NoError(t, p.Set(o, v), p.Name)
			require.Equal(t, v, p.Get(o))
		}
		require.Same(t, p, Find(p.Name))
	}
}
