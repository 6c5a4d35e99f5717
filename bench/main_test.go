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
		{"-cpus 0", "-cpus \"0\" names 1 cpu: it must name two"},
		{"-cpus 0,65535", "cpu 65535 is not allowed here (allowed: "},
		{"-cpus a", "-cpus: place:"},
		{"-run ,", "-run \",\" has an empty part: each must be a family or a regexp"},
		{"-run [", "-run \"[\": error parsing regexp"},
		{"-run nothing", "-run \"nothing\" matches no row: bench -list prints their names"},
		{"-limit 10ms", "-limit 10ms is too short: it must be at least 1s"},
		{"-what", "not defined: -what"},
		{"-out main.go", "-out: \"main.go\" is a file: it must be a directory"},
		{"-charts main.go/x", "-charts: mkdir main.go"},
		{"-cpuprofile main.go/x", "-cpuprofile: open main.go/x"},
		{"-baseline go.mod", "-baseline: go.mod is no report.json of this program"},
		{"Ring", "unexpected argument \"Ring\""},
	} {
		_, err := parse(strings.Fields(c.args))
		require.ErrorContains(t, err, c.want, c.args)
		require.NotContains(t, err.Error(), "\n", c.args)
	}
	o, err := parse(strings.Fields("-list -run /SPSC/batch=8$,/MPSC/batch=1/onecore$,MPSC/batch=1/latency"))
	require.NoError(t, err)
	require.Len(t, o.rows, 4)
}
