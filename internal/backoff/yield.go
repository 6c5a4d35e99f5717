package backoff

import "time"

// Yield lets another thread run that waits for this processor, and returns how long that took: next to nothing where
// there is none. The caller keeps its P. Where the system has no such call, it does nothing.
func Yield() time.Duration {
	start := time.Now()
	yield()
	return time.Since(start)
}
