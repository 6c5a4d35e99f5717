package netio

// again is the files that have more to do than one turn allows. They go on in the next one.
type again struct {
	next []file // of the next turn
	now  []file // of this one, from at on
	at   int
}

// add notes that f is to go on: then its ready is called without flags. It must not be added
// twice.
func (a *again) add(f file) { a.next = append(a.next, f) }

func (a *again) any() bool { return len(a.next) > 0 || a.at < len(a.now) }

// run lets them go on, and returns how many did. Each is taken out before: a panic of one
// leaves the others for the turn after.
func (a *again) run() (n int) {
	if a.at == len(a.now) {
		a.now, a.next, a.at = a.next, a.now[:0], 0
	}
	for a.at < len(a.now) {
		f := a.now[a.at]
		a.now[a.at] = nil
		a.at++
		n++
		f.ready(0)
	}
	return n
}
