//go:build !linux || portable

package backoff

// yield is what Linux has for who polls on a shared processor.
func yield() {}
