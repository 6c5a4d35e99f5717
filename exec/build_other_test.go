//go:build !linux || portable

package exec_test

const sleepsOnTheWord, pins = false, false
