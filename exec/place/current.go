package place

// Current returns the cpu on which the calling thread runs at this moment. Unless the thread is pinned to one cpu, the
// answer may be out of date when it arrives: good for a log line or a test, not for a decision. The error wraps the
// kernel's errno, or is [errors.ErrUnsupported].
func Current() (cpu int, err error) { return current() }
