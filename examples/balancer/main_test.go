package main

import (
	"bytes"
	"context"
	"flag"
	"io"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRunShowsEveryPolicy(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-workers", "3", "-service", "1ms", "-load", "0.5", "-window", "100ms"}, &out, io.Discard))
	for _, c := range contestants(1) {
		require.Regexp(t, `(?m)^`+regexp.QuoteMeta(c.name)+` +[\d.]+ ms +[\d.]+ ms +[\d.]+ ms  \d+ \d+ \d+$`, out.String())
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, run(ctx, nil, &bytes.Buffer{}, io.Discard), context.Canceled)
}

func TestHelp(t *testing.T) {
	var out bytes.Buffer
	require.ErrorIs(t, run(t.Context(), []string{"-h"}, &out, io.Discard), flag.ErrHelp)
	for _, name := range []string{"workers", "service", "load", "window", "seed", "debug", "flight"} {
		require.Contains(t, out.String(), "  -"+name+" ")
	}
}

// The machine is to blame, not the policies, and the reader is told.
func TestWarning(t *testing.T) {
	o := options{service: 4 * time.Millisecond, window: time.Second}
	require.Empty(t, o.warning(50*time.Millisecond), "something else had the processor")
	require.Contains(t, o.warning(2*time.Second), "the last items were 2000.0 ms late")
}

func TestBadFlagsAreRefused(t *testing.T) {
	for _, tc := range []struct {
		arg, says string
	}{
		{"-workers=0", "-workers is 0: it must be from 1 to 64"},
		{"-service=1us", "-service is 1µs: it must be from 1ms to 1s"},
		{"-load=NaN", "-load is NaN: it must be above 0 and below 1"},
		{"-window=1ms", "-window is 1ms: it must be from 100ms to 1h"},
		{"-seed=0", "-seed is 0: it must be 1 or more"},
		{"-debug=here", `invalid value "here" for flag -debug: "here" is no address: write :6060 for this machine only, or host:port, see -h`},
		{"-wrong", "flag provided but not defined: -wrong, see -h"},
		{"-workers=x", `invalid value "x" for flag -workers: parse error, see -h`},
		{"more", `there is no argument "more": only flags, see -h`},
	} {
		require.EqualError(t, run(t.Context(), []string{tc.arg}, &bytes.Buffer{}, io.Discard), tc.says)
	}
}
