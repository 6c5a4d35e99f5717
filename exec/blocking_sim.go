package exec

// simulate runs one job on the loop's goroutine, where a simulation wants no other. Those
// that could run at the same time are the first MaxBlocking of the queue; which of them is
// the first to end is the Simulator's choice.
//
// It is run by the pool's Waker, which is woken for as long as there are jobs. So whoever
// looks whether something waits for the loop, before it sleeps or while it does, sees them.
func (p *blockingPool) simulate(l *Local) {
	p.mu.Lock()
	n := min(p.queue.n, p.max)
	if p.turn == l.n[cTurns] && p.queue.n <= p.fresh {
		n = 0
	}
	p.mu.Unlock()
	if n == 0 { // withdrawn, or all of this turn
		return
	}
	i := l.pick(p.x.cfg.Sim, n)
	p.mu.Lock()
	j := p.queue.at(i)
	p.queue.remove(j)
	p.mu.Unlock()
	returned := false
	defer func() {
		if !returned { // a Goexit, which Step reports
			l.jobEnded(j)
			j.body.over(*j.failed)
		}
	}()
	p.performInline(l, j)
	returned = true
	l.completeJob(j)
}

// performInline runs the function as if it were elsewhere: nobody holds the loop meanwhile,
// so one that uses what belongs to the loop is found out.
func (p *blockingPool) performInline(l *Local, j *job) {
	l.owner.StoreRelease(0)
	defer l.hold(&l.base)
	j.perform(p.x, p.catch)
}
