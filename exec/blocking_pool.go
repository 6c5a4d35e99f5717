package exec

import (
	"slices"
	"sync"
	"time"
)

// blockingPool is the goroutines for blocking work of one Exec, and the jobs that wait for
// one. Workers come when jobs wait that no worker is on its way for, and go when nothing has
// come for a while, or the Exec ends.
//
// All is guarded by one mutex, which nobody holds for longer than it takes to move a job
// from one list to another. So a job can be withdrawn at any time, and this always holds
// while the pool is open: jobs wait for which no worker is on its way only if there are
// max workers and none of them is idle.
type blockingPool struct {
	x     *Exec
	waker Waker // of the loop, to complete those that have ended
	max   int   // workers
	cap   int   // jobs that wait with no worker on its way
	stay  time.Duration
	catch bool // panics are survived

	mu       sync.Mutex
	queue    jobList   // they have not begun
	ended    jobList   // they have, and the loop has not completed them
	idle     []*worker // the one that lay down last is last
	open     int       // workers there are
	promised int       // of them: on their way to the queue
	closed   bool
	gone     chan struct{} // closed with the last worker of a closed pool

	// In a simulation: how many were submitted in a turn. None is run in the same turn.
	turn  uint64
	fresh int
}

// idleWorker is how long a worker stays that has nothing to do.
const idleWorker = 10 * time.Second

func newBlockingPool(x *Exec) *blockingPool {
	p := &blockingPool{
		x:     x,
		max:   x.cfg.MaxBlocking,
		cap:   x.cfg.BlockingCap,
		stay:  idleWorker,
		catch: x.cfg.OnPanic != nil || x.cfg.Sim != nil,
		gone:  make(chan struct{}),
	}
	p.waker = Waker{x: x, task: p, inner: true}
	return p
}

// submit queues a job, unless too many wait.
func (p *blockingPool) submit(j *job) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue.push(j)
	begins := 0 // how many of the queue do not wait
	if p.x.cfg.Sim == nil {
		p.staff()
		begins = p.promised
	} else {
		if turn := p.x.loop.n[cTurns]; turn != p.turn {
			p.turn, p.fresh = turn, 0
		}
		p.fresh++
		p.waker.Wake()
		begins = p.max
	}
	if p.queue.n-begins > p.cap {
		p.queue.remove(j)
		return false
	}
	return true
}

// withdraw takes a job out of the queue, if it is there.
func (p *blockingPool) withdraw(j *job) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if j.in != &p.queue {
		return false
	}
	p.queue.remove(j)
	return true
}

// staff has one more worker come if a job waits that none is on its way for, and there may
// be one more. mu is held.
func (p *blockingPool) staff() {
	if p.closed || p.queue.n <= p.promised {
		return
	}
	if last := len(p.idle) - 1; last >= 0 {
		w := p.idle[last]
		p.idle[last] = nil
		p.idle = p.idle[:last]
		w.promised = true
		p.promised++
		w.wake <- struct{}{}
	} else if p.open < p.max {
		p.open++
		p.promised++
		go p.work(&worker{wake: make(chan struct{}, 1), promised: true})
	}
}

// Run completes the jobs that have ended, on the loop; in a simulation it runs one before.
// It is the task of the pool's Waker.
func (p *blockingPool) Run(l *Local) {
	defer func() { // also if OnPanic does not return
		p.mu.Lock()
		more := p.ended.n > 0 || p.x.cfg.Sim != nil && p.queue.n > 0
		p.mu.Unlock()
		if more {
			p.waker.Wake()
		}
	}()
	if p.x.cfg.Sim != nil {
		p.simulate(l)
		return
	}
	p.complete(l, wakeBudget)
}

// complete completes up to budget of the jobs that have ended, in the order of their ends.
func (p *blockingPool) complete(l *Local, budget int) {
	for ; budget > 0; budget-- {
		p.mu.Lock()
		j := p.ended.pop()
		p.mu.Unlock()
		if j == nil {
			return
		}
		l.completeJob(j)
	}
}

// idleFor takes a worker that has waited for long out of the idle ones. It reports false if
// that worker is on its way.
func (p *blockingPool) idleFor(w *worker) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.idle, w)
	if i < 0 {
		return false
	}
	p.idle = slices.Delete(p.idle, i, i+1)
	return true
}
