package serve

import (
	"fmt"
	"sync/atomic"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/internal/mem"
)

// worker is a worker of the group as the owner of connections. Its loop owns handler, entry
// and taken.
type worker struct {
	s       *Server
	id      int
	reactor atomic.Pointer[netio.Reactor] // set when the worker starts
	handler netio.Handler

	// Where there is an acceptor.
	in    *exec.Inbox[netio.Accepted]
	entry *netio.Listener
	taken uint64 // connections that have come, those that were refused included

	over     mem.Index     // of these: those that have ended; the acceptor looks at it
	stranded atomic.Uint64 // connections that were on their way when the worker, or a Refuse, had failed
}

// start is the Worker of the group's Config.
func (w *worker) start(l *exec.Local) (group.Handler[exec.Task], error) {
	cfg := &w.s.cfg
	r, err := netio.New(l, cfg.Net)
	if err != nil {
		return nil, err
	}
	w.reactor.Store(r)
	w.handler, err = cfg.Worker(l, r, w.id)
	if err == nil && w.handler == nil {
		err = fmt.Errorf("Config.Worker returned no handler for worker %d", w.id)
	}
	if err != nil {
		return nil, err
	}
	if w.in != nil {
		lcfg := cfg.Listen
		lcfg.Handle = w.handler
		if w.entry, err = r.Entry(lcfg); err != nil {
			return nil, err
		}
		l.AddFlusher(w)
	}
	return group.HandlerFunc[exec.Task](exec.RunTasks), nil
}

// take takes in the connections that the acceptor has handed over.
func (w *worker) take(_ *exec.Local, batch []netio.Accepted) (n int) {
	defer func() { // a Refuse that panics fails the batch
		w.taken += uint64(len(batch) - n) // or the acceptor would think that they are open, for good
		w.drop(batch[n:])
	}()
	for n < len(batch) {
		a := batch[n]
		n++
		w.taken++
		_ = w.entry.Adopt(a) // it counts what it refuses
	}
	return n
}

// drop closes connections that nobody takes in.
func (w *worker) drop(as []netio.Accepted) {
	if len(as) == 0 {
		return
	}
	for _, a := range as {
		a.Close()
	}
	w.stranded.Add(uint64(len(as)))
}

// Flush shows the acceptor how many connections have ended. It implements exec.Flusher: it is
// called at the end of each turn.
func (w *worker) Flush(*exec.Local) (pending bool) {
	if over := w.taken - uint64(w.entry.Open()); over != w.over.Load() {
		w.over.StoreRelease(over)
	}
	return false
}

// sweep closes the connections that were on their way to a worker that has ended. Those that
// are sent after it has are refused by its inbox.
func (w *worker) sweep() {
	_ = w.s.group.Exec(w.id).Wait()
	as, _ := w.in.Undone()
	w.drop(as)
}
