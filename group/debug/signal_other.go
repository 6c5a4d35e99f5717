//go:build !unix

package debug

import "io"

// DumpOnSignal panics if a source is nil. It does nothing else: this system has no SIGUSR1.
func DumpOnSignal(w io.Writer, sources ...Source) (stop func()) {
	must(sources)
	return func() {}
}
