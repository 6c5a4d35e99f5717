package exec

// run is the loop: turns until it is told to end.
func (x *Exec) run() {
	l := x.loop
	threads.Add(1)
	defer threads.Add(-1) // also when a Goexit ends the thread
	defer x.chooseLadder()()
	defer stalls.add(x)()
	defer x.board.turn.StoreRelease(0)
	for {
		did := l.turn()
		c := x.ctl.Load()
		if c != 0 {
			if x.obey(c, did) {
				return
			}
			if c&ctlWake != 0 {
				continue // Wake may have come too late for the turn just done
			}
		}
		if did > 0 {
			l.ladder.worked(l)
		} else if l.ladder.idle(l) {
			l.trim()
			x.park(l.parkFor(), c)
			stalls.loopAwake()
			l.ladder.woken(l)
		}
	}
}

// obey does what the outside wants and reports whether the loop ends.
func (x *Exec) obey(c uint32, did int) bool {
	if c&ctlWake != 0 {
		x.ctl.And(^ctlWake)
	}
	if c&(ctlDrain|ctlQuiesce) != 0 {
		x.loop.quiesce()
	}
	if c&ctlStop != 0 {
		return true
	}
	if c&ctlDrain == 0 {
		return false
	}
	// One look: senders that are refused may take their claims back at any time.
	if x.onlyCoroutines() {
		return did == 0 && len(x.loop.live)+x.loop.jobs == 0
	}
	x.loop.held = true // it looks again soon: nobody tells it when the rest can be taken
	return false
}

// onlyCoroutines reports whether everything accepted is done, but for coroutines and work
// that blocks: they make themselves heard. Timers do not count: their tasks are returned.
func (x *Exec) onlyCoroutines() bool {
	l := x.loop
	if l.held || l.queue.len() > 0 || l.listed() {
		return false
	}
	for _, class := range [][]inbox{l.control, l.inboxes} {
		for _, in := range class {
			if !in.empty() {
				return false
			}
		}
	}
	return true
}
