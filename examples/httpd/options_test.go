package main

import (
	"bytes"
	"flag"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

func TestParseDefaults(t *testing.T) {
	o, err := parse(nil, 3)
	require.NoError(t, err)
	require.Equal(t, &options{
		addr: "127.0.0.1:8080", workers: 3, maxConns: 10_000, maxHeader: 8192, maxBody: 1 << 20,
		idle: time.Minute, grace: 10 * time.Second,
	}, o)
	o, err = parse([]string{"-cpus", "0-1", "-json", "-root", t.TempDir(), "-addr", ":0"}, 8)
	require.NoError(t, err)
	require.Equal(t, 2, o.workers)
	require.True(t, o.json)
	_, err = parse([]string{"-h"}, 1)
	require.ErrorIs(t, err, flag.ErrHelp)
}

func TestParseErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	cert, key := identity(t)
	_, other := identity(t)
	for args, want := range map[string]string{
		"x":                       `unexpected argument "x" (a directory is given with -root)`,
		"-wrong":                  "flag provided but not defined: -wrong",
		"-workers -1":             "-workers -1: it must be from 0 to 256",
		"-workers x":              `invalid value "x" for flag -workers`,
		"-addr 8080":              `-addr "8080": it must be HOST:PORT`,
		"-addr :http":             `-addr ":http": the port must be a number from 0 to 65535`,
		"-addr :65536":            "the port must be a number",
		"-spin 5":                 `invalid value "5" for flag -spin: it is a time with a unit, such as 50us, or off`,
		"-spin -1us":              `invalid value "-1us" for flag -spin: it must be from 0s to 1m0s`,
		"-spin 2h":                `invalid value "2h" for flag -spin: it must be from 0s to 1m0s`,
		"-cpus a":                 "-cpus a: ",
		"-cpus 0-1 -workers 3":    "-cpus 0-1 names 2 cpus for -workers 3",
		"-root /no/such/dir":      `-root "/no/such/dir": `,
		"-root " + file:           "it is not a directory",
		"-max-conns 0":            "-max-conns 0: it must be from 1 for each of the 2 workers",
		"-max-header 1":           "-max-header 1: it must be from 512",
		"-max-body 0":             "-max-body 0: it must be from 1",
		"-idle-timeout 0s":        "-idle-timeout 0s: it must be above 0",
		"-idle-timeout 5":         `invalid value "5" for flag -idle-timeout`,
		"-debug here":             `invalid value "here" for flag -debug: "here" is no address: write :6060`,
		"-grace -1s":              "-grace -1s: it must not be negative",
		"-workers 4 -max-conns 3": "the 4 workers",

		"-tls-cert a.pem":                          `-tls-cert "a.pem" without -tls-key`,
		"-tls-key b.pem":                           `-tls-key "b.pem" without -tls-cert`,
		"-tls-cert /no/cert -tls-key /no/key":      "-tls-cert: open /no/cert: no such file",
		"-tls-cert " + cert + " -tls-key /no/key":  "-tls-key: open /no/key: no such file",
		"-tls-cert " + file + " -tls-key " + key:   `-tls-cert "` + file + `": there is no certificate in it`,
		"-tls-cert " + key + " -tls-key " + key:    `-tls-cert "` + key + `": there is no certificate in it`,
		"-tls-cert " + cert + " -tls-key " + file:  `-tls-key "` + file + `": there is no private key in it`,
		"-tls-cert " + cert + " -tls-key " + cert:  `-tls-key "` + cert + `": there is no private key in it`,
		"-tls-cert " + cert + " -tls-key " + other: `-tls-cert "` + cert + `" and -tls-key "` + other + `"`,
	} {
		var out, errs bytes.Buffer
		_, err := parse(strings.Fields(args), 2)
		require.ErrorContains(t, err, want, args)
		require.Equal(t, 2, run(strings.Fields(args), &out, &errs), args)
		require.Contains(t, errs.String(), "Run 'httpd -h' for the flags.")
		require.Empty(t, out.String())
	}
}

// What the loops get: without -spin they sleep at once, and there is enough for all connections.
func TestExecConfig(t *testing.T) {
	for value, want := range map[string]time.Duration{"": -1, "off": -1, "0": -1, "0s": -1, "50us": 50 * time.Microsecond} {
		var args []string
		if value != "" {
			args = []string{"-spin", value}
		}
		o, err := parse(args, 2)
		require.NoError(t, err, value)
		require.Equal(t, want, o.exec().Spin, value)
		require.Equal(t, exec.DefaultMaxTimers, o.exec().MaxTimers)
	}
	o, err := parse([]string{"-max-conns", "400000"}, 2)
	require.NoError(t, err)
	require.Equal(t, 3*200_000+128, o.exec().MaxTimers)
	require.Equal(t, 2*200_000+128, o.exec().MaxCoroutines)
}

// The text of -h names every flag, with its default.
func TestUsage(t *testing.T) {
	var out, errs bytes.Buffer
	require.Zero(t, run([]string{"-h"}, &out, &errs))
	require.Empty(t, errs.String())
	for _, name := range []string{"root", "addr", "tls-cert", "tls-key", "workers", "cpus", "spin", "max-conns", "max-header", "max-body", "idle-timeout", "grace", "json"} {
		require.Contains(t, out.String(), "\n  -"+name+" ", name)
	}
	for _, value := range []string{"127.0.0.1:8080", "10000", "8192", "1048576", "1m0s", "10s"} {
		require.Contains(t, out.String(), "(default "+value)
	}
}

// A port that somebody listens on is an error, also if he would share it.
func TestPortInUse(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = ln.Close() }()
	for _, workers := range []string{"1", "2"} {
		var out, errs bytes.Buffer
		require.Equal(t, 1, run([]string{"-addr", ln.Addr().String(), "-workers", workers}, &out, &errs))
		require.Contains(t, errs.String(), "httpd: listen tcp "+ln.Addr().String())
		require.Contains(t, errs.String(), "in use")
		require.Empty(t, out.String())
	}
}
