package server

import (
	"net"
	"strconv"
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
	"github.com/pushcore/pushcore/group"

	"github.com/pushcore/pushcore/examples/redis/command"
	"github.com/pushcore/pushcore/examples/redis/store"
)

// worker is a loop, its shard, and its connections. All of it belongs to the loop, but for db
// while it is lent.
type worker struct {
	srv *Server
	id  int
	l   *exec.Local
	r   *netio.Reactor
	fwd *group.Forwarder[*parcel]

	db      *store.DB
	lending lending
	journal journal

	sessions map[uint64]*session
	flights  []*flight // that nobody uses
	parcels  []*parcel
	credits  *exec.Semaphore // for parcels under way
	ctx      command.Ctx     // for what others ask, and the sweep
	args     [][]byte        // of the items of a parcel that are done together
	wanted   [][]byte        // keys to be warmed; of buffers that are somebody's until then
	counts   counts
}

// counts are what a worker has done.
type counts struct {
	commands, connections, expired, parcels, lent, errors uint64
}

// What a worker keeps for the next one that needs it.
const (
	keepFlights = 64
	keepParcels = 256
	keepBuffer  = 256 << 10 // bytes of the largest buffer that is kept
)

// readBuffer is how much of a pipeline is taken at once, in bytes.
const readBuffer = 16 << 10

// How often, and how many keys at once, those that have expired are removed.
const (
	sweepEvery  = 100 * time.Millisecond
	sweepAtOnce = 500
)

func newWorker(s *Server, id int) *worker {
	w := &worker{srv: s, id: id, db: store.New(), sessions: map[uint64]*session{}}
	w.db.Limits = &s.limits
	return w
}

// begin is the first thing on the loop.
func (w *worker) begin(l *exec.Local) (err error) {
	w.l = l
	if w.r, err = netio.New(l, netio.Config{MaxConns: 1 << 20, ReadBuffer: readBuffer, Logger: w.srv.log}); err != nil {
		return err
	}
	if w.fwd, err = w.srv.group.Forwarder(l); err != nil {
		return err
	}
	w.credits = exec.NewSemaphore(l, w.srv.credits())
	w.lending.back.Init(l)
	w.journal.init(w)
	w.ctx = command.Ctx{DBs: []*store.DB{w.db}, Shard: w.srv.shardFunc(), Clock: w.srv.clock, Log: w.journal.noted(), Host: w}
	if _, ok := l.Every(sweepEvery, exec.Func(func(*exec.Local) { w.sweep() })); !ok {
		return exec.ErrTooMany
	}
	return w.listen()
}

func (w *worker) listen() error {
	o := w.srv.options.Load()
	port := o.Port
	if w.id > 0 {
		port = w.srv.port // the one that the kernel gave worker 0
	}
	for _, host := range o.Bind {
		ln, err := w.r.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)), netio.ListenConfig{
			Handle: w.serve, ReusePort: len(w.srv.workers) > 1,
		})
		if err != nil {
			return err
		}
		port = ln.Addr().(*net.TCPAddr).Port
	}
	if w.id == 0 {
		w.srv.port = port
	}
	return nil
}

// sweep removes some of the keys that have expired. If there are more it goes on soon.
func (w *worker) sweep() {
	if w.lending.lent {
		return
	}
	w.ctx.Begin()
	n := w.ctx.Sweep(sweepAtOnce)
	w.counts.expired += uint64(n)
	w.journal.kick()
	if n == sweepAtOnce {
		w.l.Spawn(exec.Func(func(*exec.Local) { w.sweep() }))
	}
}

// Handle implements group.Handler: it is what other workers send.
func (w *worker) Handle(_ *exec.Local, batch []*parcel) int {
	for _, p := range batch {
		if p.back {
			p.arrive(w)
		} else {
			w.attend(p)
		}
	}
	return len(batch)
}
