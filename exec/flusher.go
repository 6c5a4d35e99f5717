package exec

// A Flusher holds back sends to make batches of them (a Forwarder does). Its
// Flush is called at the end of every turn, before any park and on stop, and
// publishes what was staged. It reports whether something could not be sent and
// still waits; the Exec then looks again soon instead of sleeping.
type Flusher interface {
	Flush(l *Local) (pending bool)
}

// AddFlusher adds f for as long as the Exec lives.
func (l *Local) AddFlusher(f Flusher) {
	l.check()
	if f == nil {
		panic("exec: AddFlusher of a nil Flusher")
	}
	l.flushers = append(l.flushers, f)
}
