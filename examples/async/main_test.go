package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write what the demos print to testdata")

// Every demo prints what testdata says, each time.
func TestDemos(t *testing.T) {
	for _, d := range demos {
		t.Run(d.name, func(t *testing.T) {
			var out bytes.Buffer
			require.NoError(t, run([]string{d.name}, &out))
			golden := filepath.Join("testdata", d.name+".txt")
			if *update {
				require.NoError(t, os.WriteFile(golden, out.Bytes(), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), out.String())
		})
	}
}

func TestCommandLine(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run([]string{"-list"}, &out))
	for _, d := range demos {
		require.Contains(t, out.String(), d.name)
	}
	require.ErrorIs(t, run([]string{"-h"}, &out), flag.ErrHelp)
	require.EqualError(t, run([]string{"tokio"}, &out), `there is no demo "tokio": -list prints the names`)
	require.ErrorContains(t, run([]string{"-fast"}, &out), "-fast")
	if testing.Short() {
		return // TestDemos has run them
	}
	out.Reset()
	require.NoError(t, run(nil, &out))
	for _, d := range demos {
		require.Contains(t, out.String(), "== "+d.name+": ")
	}
}
