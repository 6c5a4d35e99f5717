package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/redis/config"
)

func TestUsage(t *testing.T) {
	var out, errs bytes.Buffer
	require.Equal(t, exitOK, run([]string{"-h"}, &out, &errs))
	for _, p := range config.Params {
		require.Contains(t, out.String(), "--"+p.Name)
	}
	require.Contains(t, out.String(), "--debug ")
	require.Contains(t, out.String(), "--flight ")
	require.Equal(t, exitUsage, run([]string{"--port", "x"}, &out, &errs))
	require.Contains(t, errs.String(), "-port")
	require.Equal(t, exitUsage, run([]string{"--debug", "here"}, &out, &errs))
	require.Contains(t, errs.String(), `-debug: "here" is no address`)
}
