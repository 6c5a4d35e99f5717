package main

import (
	"bytes"
	"context"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRunShowsEveryPolicy(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-workers", "3", "-service", "1ms", "-load", "0.5", "-window", "100ms"}, &out))
	for _, c := range contestants(1) {
		require.Regexp(t, `(?m)^`+regexp.QuoteMeta(c.name)+` +[\d.]+ ms +[\d.]+ ms +[\d.]+ ms  \d+ \d+ \d+$`, out.String())
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, run(ctx, nil, &bytes.Buffer{}), context.Canceled)
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
		{"more", `there is no argument "more": only flags, see -h`},
	} {
		require.EqualError(t, run(t.Context(), []string{tc.arg}, &bytes.Buffer{}), tc.says)
	}
}
