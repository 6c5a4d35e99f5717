//go:build !unix

package debug

import "io"

// DumpOnSignal does nothing: this system has no SIGUSR1.
func DumpOnSignal(w io.Writer, sources ...Source) (stop func()) { return func() {} }
