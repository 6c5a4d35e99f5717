package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFlags: a mistake on the command line is one clear line.
func TestFlags(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-rounds 0", "-rounds 0 is out of range: it must be from 1 to 1000"},
		{"-rounds x", "invalid value"},
		{"-cpus 0", "-cpus \"0\" names 1 cpus: it must name two"},
		{"-cpus 0,65535", "cpu 65535 is not allowed here (allowed: "},
		{"-cpus a", "-cpus: place:"},
		{"-run [", "-run \"[\": error parsing regexp"},
		{"-run nothing", "-run \"nothing\" matches no row: -list prints their names"},
		{"-what", "not defined: -what"},
		{"-out /nowhere", "-out: stat /nowhere"},
		{"-out main.go", "-out \"main.go\" is a file: it must be a directory"},
		{"-baseline go.mod", "-baseline: go.mod is no report.json of this program"},
		{"Ring", "unexpected argument \"Ring\""},
	} {
		_, err := parse(strings.Fields(c.args))
		require.ErrorContains(t, err, c.want, c.args)
		require.NotContains(t, err.Error(), "\n", c.args)
	}
	o, err := parse(strings.Fields("-list -run /SPSC/batch=8$,/MPSC/batch=1/onecore$,MPSC/latency"))
	require.NoError(t, err)
	require.Len(t, o.rows, 4)
}
