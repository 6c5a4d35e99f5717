package main

import (
	"math"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestCount(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.01: "0", 0.4: "0.4", 3: "3", 9.94: "9.9", 9.96: "10", 42.4: "42", 999.4: "999", 999.6: "1.00k",
		1234: "1.23k", 9994: "9.99k", 9996: "10.0k", 45_600: "45.6k", 99_960: "100k", 999_400: "999k", 999_600: "1.00M",
		1.5e9: "1.50G", 2e12: "2.00T", 5e15: "5000T", -3: "0", math.NaN(): "–", math.Inf(1): "–",
	} {
		require.Equal(t, want, count(v), "%v", v)
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0", -5: "0", 1: "1ns", 64: "64ns", 999: "999ns", 1000: "1.0µs", 1234: "1.2µs", 9960: "10µs",
		890 * time.Microsecond: "890µs", 999_600: "1.0ms", 12 * time.Millisecond: "12ms", 999_600_000: "1.0s",
		69 * time.Second: "69s", 600 * time.Second: "600s",
	} {
		require.Equal(t, want, span(d), "%d", d)
	}
}

// Columns are five cells wide: no figure in reach is wider.
func TestFiguresFitColumns(t *testing.T) {
	for v := 0.001; v < 9e14; v *= 1.003 {
		require.LessOrEqual(t, utf8.RuneCountInString(count(v)), 5, "%v", v)
		if v < 9e12 {
			require.LessOrEqual(t, utf8.RuneCountInString(span(time.Duration(v))), 5, "%v", v)
		}
	}
}

func TestAge(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-1: "0s", 42 * time.Second: "42s", 312 * time.Second: "5m12s", 2*time.Hour + 5*time.Minute: "2h05m",
		76 * time.Hour: "3d4h",
	} {
		require.Equal(t, want, age(d))
	}
}

func TestOtherWords(t *testing.T) {
	require.Equal(t, "orders.(*Book).compact", function("example.org/shop/orders.(*Book).compact"))
	require.Equal(t, "main.run", function("main.run"))
	require.Equal(t, "43%", percent(.434))
	require.Equal(t, "1.50", ratio(1.5))
	require.Equal(t, "–", ratio(0))
	require.Equal(t, "1m", short(time.Minute))
	require.Equal(t, "1h", short(time.Hour))
	require.Equal(t, "1m30s", short(90*time.Second))
	require.Equal(t, "500ms", short(500*time.Millisecond))
}
