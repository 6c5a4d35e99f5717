package main

import (
	"bytes"
	"flag"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestOptions(t *testing.T) {
	o, err := parse(nil)
	require.NoError(t, err)
	require.Equal(t, options{url: "http://127.0.0.1:6060/stats.json", interval: 500 * time.Millisecond}, *o)
	o, err = parse([]string{"-interval", "50ms", "-sort", "busy", "-once", "-group", "clients", "localhost:1"})
	require.NoError(t, err)
	require.Equal(t, options{
		url: "http://localhost:1/stats.json", interval: 50 * time.Millisecond, sort: 1, once: true, group: "clients",
	}, *o)
	_, err = parse([]string{"-h"})
	require.ErrorIs(t, err, flag.ErrHelp)
}

// Each error names the value and what would be right.
func TestWrongOptions(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-interval", "10"}, `-interval "10": it is a time with a unit, such as 500ms or 2s`},
		{[]string{"-interval", "49ms"}, `-interval 49ms: it must be from 50ms to 1h`},
		{[]string{"-interval=2h"}, `-interval 2h: it must be from 50ms to 1h`},
		{[]string{"-sort", "cpu"}, `-sort "cpu": it must be one of name, busy, work, queue, delay, run, rejects, stalls`},
		{[]string{"-group", ""}, `-group "": it must be the name of a group; without the flag all are shown`},
		{[]string{"-once=maybe"}, `-once=maybe: it is true or false`},
		{[]string{"-sort"}, `-sort needs a value`},
		{[]string{"-all"}, `there is no flag -all`},
		{[]string{"a:1", "-once"}, `unexpected argument "-once": flags come before the one address`},
		{[]string{"nowhere"}, `"nowhere" is no address: it names no port; ` +
			`it is HOST:PORT or a URL, such as 127.0.0.1:6060 or http://10.0.0.1:6060/debug`},
	} {
		_, err := parse(c.args)
		require.EqualError(t, err, c.want)
		var out, errs bytes.Buffer
		s := shell{args: c.args, stdout: &out, stderr: &errs}
		require.Equal(t, exitUsage, s.run(t.Context()))
		require.Equal(t, "top: "+c.want+" (top -h lists the flags)\n", errs.String())
		require.Empty(t, out.String())
	}
}

func TestHelp(t *testing.T) {
	var out, errs bytes.Buffer
	s := shell{args: []string{"-h"}, stdout: &out, stderr: &errs}
	require.Equal(t, exitOK, s.run(t.Context()))
	require.Empty(t, errs.String())
	for _, name := range append(orderNames(), "-interval", "-sort", "-group", "-once") {
		require.Contains(t, out.String(), name)
	}
	for l := range bytes.Lines(out.Bytes()) {
		require.LessOrEqual(t, len(l), 101)
	}
}
