package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// None of these is wider than five cells, for what programs do.

// count writes a number of things, or of things per second, in three digits: 0, 0.4, 17, 1.23k, 45.6M.
func count(v float64) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "–"
	case v < 0.05:
		return "0"
	case v < 9.95:
		return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
	case v < 999.5:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	for _, unit := range []string{"k", "M", "G", "T"} {
		v /= 1000
		switch {
		case v < 9.995:
			return strconv.FormatFloat(v, 'f', 2, 64) + unit
		case v < 99.95:
			return strconv.FormatFloat(v, 'f', 1, 64) + unit
		case v < 999.5 || unit == "T":
			return strconv.FormatFloat(v, 'f', 0, 64) + unit
		}
	}
	return "" // not reached: all that is left are T
}

// span writes a short time in two or three digits: 64ns, 1.2µs, 890ms, 12s.
func span(d time.Duration) string {
	if d <= 0 {
		return "0"
	}
	v := float64(d)
	for _, unit := range []string{"ns", "µs", "ms"} {
		switch {
		case unit != "ns" && v < 9.95:
			return strconv.FormatFloat(v, 'f', 1, 64) + unit
		case v < 999.5:
			return strconv.FormatFloat(v, 'f', 0, 64) + unit
		}
		v /= 1000
	}
	if v < 9.95 {
		return strconv.FormatFloat(v, 'f', 1, 64) + "s"
	}
	return strconv.FormatFloat(v, 'f', 0, 64) + "s"
}

// age writes a long time in its two largest units: 42s, 5m12s, 2h05m, 3d4h.
func age(d time.Duration) string {
	s := int64(max(d, 0) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 3600:
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	case s < 86400:
		return fmt.Sprintf("%dh%02dm", s/3600, s/60%60)
	}
	return fmt.Sprintf("%dd%dh", s/86400, s/3600%24)
}

// percent writes a share from 0 to 1.
func percent(share float64) string { return strconv.FormatFloat(100*share, 'f', 0, 64) + "%" }

// ratio writes an imbalance.
func ratio(v float64) string {
	if v == 0 {
		return "–" // there was nothing to spread
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

// function shortens the name of a function to what is told apart in one program: without the path of its package.
func function(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }
