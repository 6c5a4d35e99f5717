package exec

import "time"

// worker is one goroutine of a blockingPool.
type worker struct {
	wake     chan struct{} // one message for each time that it is taken out of the idle ones
	promised bool          // it is on its way to the queue; guarded by the pool's mu
	job      *job          // that it has begun; its own
}

// work is the life of a worker.
func (p *blockingPool) work(w *worker) {
	defer p.leave(w) // also after a Goexit
	label(p.x.cfg.Name + " (blocking)")
	idle := time.NewTimer(p.stay)
	defer idle.Stop()
	for p.await(w, idle) {
		w.job.perform(p.x, p.catch)
		p.finish(w)
	}
}

// await gives w the job that is next, and reports false if there is no need for w any more.
func (p *blockingPool) await(w *worker, idle *time.Timer) bool {
	for {
		p.mu.Lock()
		if w.promised {
			w.promised = false
			p.promised--
		}
		if p.closed {
			p.mu.Unlock()
			return false
		}
		if w.job = p.queue.pop(); w.job != nil {
			p.mu.Unlock()
			return true
		}
		p.idle = append(p.idle, w)
		p.mu.Unlock()
		idle.Reset(p.stay)
		select {
		case <-w.wake:
		case <-idle.C:
			if p.idleFor(w) {
				return false
			}
			<-w.wake
		}
	}
}

// finish hands the job that w has run to the loop, if there is one.
func (p *blockingPool) finish(w *worker) {
	j := w.job
	w.job = nil
	p.mu.Lock()
	outlived := p.closed
	if !outlived {
		p.ended.push(j)
	}
	p.mu.Unlock()
	if outlived {
		p.settle(j)
	} else {
		p.waker.Wake()
	}
}

// leave is the end of a worker.
func (p *blockingPool) leave(w *worker) {
	defer func() { // also if OnPanic calls Goexit
		p.mu.Lock()
		defer p.mu.Unlock()
		p.open--
		p.staff() // jobs may have counted on this one
		if p.closed && p.open == 0 {
			close(p.gone)
		}
	}()
	if j := w.job; j != nil && j.failed != nil { // a Goexit; with a panic the program ends
		p.finish(w)
	}
}
