package exec

// AtDrain has f run on the loop when a drain of the Exec begins (see Drain and Quiesce), or
// at once if one has begun: to stop taking in new work. The order is that of the calls.
func (l *Local) AtDrain(f func(l *Local)) {
	l.check()
	if l.quiesced {
		f(l)
		return
	}
	l.atDrain = append(l.atDrain, f)
}

// AtEnd has f run on the loop when the Exec ends, after its coroutines, and after OnStop:
// to give back what the loop has. What was added last runs first. An Exec that has never
// run has nothing to give back, and does not call f.
func (l *Local) AtEnd(f func(l *Local)) {
	l.check()
	l.atEnd = append(l.atEnd, f)
}

// runAtEnd runs what is left of atEnd.
func (l *Local) runAtEnd() {
	for len(l.atEnd) > 0 {
		last := len(l.atEnd) - 1
		f := l.atEnd[last]
		l.atEnd = l.atEnd[:last] // first: f may panic, or call Goexit
		f(l)
	}
}
