package server

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"

	"github.com/pushcore/pushcore/examples/redis/aof"
	"github.com/pushcore/pushcore/examples/redis/command"
	"github.com/pushcore/pushcore/examples/redis/config"
	"github.com/pushcore/pushcore/examples/redis/resp"
	"github.com/pushcore/pushcore/examples/redis/store"
)

// Server is all workers. Its methods may be called by any goroutine.
type Server struct {
	options atomic.Pointer[config.Options]
	log     *slog.Logger
	clock   func() int64 // milliseconds since 1970
	began   time.Time
	seed    maphash.Seed
	runID   string // differs from start to start

	group   *group.Group[*parcel]
	workers []*worker
	limits  store.Limits // of what OBJECT ENCODING calls compact
	table   *command.Table
	file    *aof.File // nil: there is no log
	loaded  aof.Replayed
	closing sync.Once // of file

	clients  atomic.Int64 // connections that are open
	lastID   atomic.Uint64
	rejected atomic.Uint64 // connections, because of maxclients
	warned   atomic.Bool   // of the size of the log

	port   int           // that is listened on, once worker 0 has begun
	failed chan struct{} // closed when the log cannot be written
	fault  atomic.Pointer[error]
}

// New makes a server, with what its log says. Clock is the time in milliseconds since 1970,
// for tests; nil is that of the system.
func New(o *config.Options, log *slog.Logger, clock func() int64) (*Server, error) {
	if clock == nil {
		clock = func() int64 { return time.Now().UnixMilli() }
	}
	n := o.Threads()
	s := &Server{log: log, clock: clock, began: time.Now(), seed: maphash.MakeSeed(), failed: make(chan struct{})}
	s.runID = fmt.Sprintf("%016x%016x%08x", rand.Uint64(), rand.Uint64(), rand.Uint32())
	s.options.Store(o)
	s.limit()
	s.table = command.NewTable(append(ownCommands(), helpCommands()...)...)
	for id := range n {
		s.workers = append(s.workers, newWorker(s, id))
	}
	if o.AppendOnly {
		if err := s.load(filepath.Join(o.Dir, o.AppendFilename)); err != nil {
			return nil, err
		}
	}
	credits := s.credits()
	g, err := group.New(group.Config[*parcel]{
		Name: "redis", Workers: n, CPUs: o.CPUs, MaxForwards: 2*n*credits + 64*n, Depth: 16,
		Worker: func(l *exec.Local, id int) (group.Handler[*parcel], error) {
			w := s.workers[id]
			return w, w.begin(l)
		},
		Exec: execConfig(o, log),
	})
	s.group = g
	return s, err
}

// execConfig is that of the workers' loops. They do not spin unless they are told to: clients
// are further away than a wake.
func execConfig(o *config.Options, log *slog.Logger) exec.Config {
	spin := o.Spin
	if spin == 0 {
		spin = -1
	}
	return exec.Config{BestEffort: true, Spin: spin, MaxCoroutines: 1<<20 + 1024, MaxTimers: 1<<20 + 1024, Logger: log, OnStall: o.OnStall}
}

// credits is how many parcels one worker may have under way. It can borrow all shards.
func (s *Server) credits() int { return max(256/len(s.workers), len(s.workers)) }

// load does again what the log says, and opens it to go on.
func (s *Server) load(path string) (err error) {
	ctx := command.Ctx{Proto: resp.V2, DBs: s.shards(), Shard: s.shardFunc(), Clock: s.clock, Loading: true}
	if s.file, err = aof.Open(path); err != nil {
		return err
	}
	s.loaded, err = s.file.Replay(func(args [][]byte) error {
		cmd, fault := s.table.Request(args)
		if fault != "" {
			return fmt.Errorf("%s", fault)
		}
		if cmd.Run == nil || cmd.Flags&command.Write == 0 {
			return fmt.Errorf("%s is no command that is kept in it", cmd.Name)
		}
		ctx.Begin()
		ctx.Args, ctx.Out = args, ctx.Out[:0]
		ctx.Run(cmd)
		if resp.IsError(ctx.Out) {
			return fmt.Errorf("%s: %s", cmd.Name, ctx.Out[1:len(ctx.Out)-2])
		}
		return nil
	})
	if err != nil {
		_ = s.file.Close()
		return err
	}
	if s.loaded.Cut > 0 {
		s.log.Warn("the append-only file ended in half a command, which was cut off", "file", path, "bytes", s.loaded.Cut)
	}
	return nil
}

// shards returns the keyspaces.
func (s *Server) shards() []*store.DB {
	dbs := make([]*store.DB, len(s.workers))
	for i, w := range s.workers {
		dbs[i] = w.db
	}
	return dbs
}

// shardOf returns which shard has a key.
func (s *Server) shardOf(key []byte) int {
	return balance.Slot(maphash.Bytes(s.seed, key), len(s.workers))
}

// shardFunc is what a Ctx asks: nothing if there is one shard.
func (s *Server) shardFunc() func([]byte) int {
	if len(s.workers) == 1 {
		return nil
	}
	return s.shardOf
}

// Start starts the workers, and returns when they listen.
func (s *Server) Start() error {
	o := s.options.Load()
	// Several listeners share the port, which two servers could, too, and never notice.
	for _, host := range o.Bind {
		ln, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(o.Port)))
		if err != nil {
			return err
		}
		_ = ln.Close()
	}
	return s.group.Start()
}

// Snapshot returns all that is known of the workers' loops.
func (s *Server) Snapshot() group.Snapshot { return s.group.Snapshot() }

// Addr returns the first address that the server listens on.
func (s *Server) Addr() string {
	return net.JoinHostPort(s.options.Load().Bind[0], strconv.Itoa(s.port))
}

// Wait waits until the workers have ended, or cannot go on because the log cannot be written:
// then the server has to be shut down.
func (s *Server) Wait() error {
	ended := make(chan error, 1)
	go func() { ended <- s.group.Wait() }() // Shutdown ends it
	select {
	case err := <-ended:
		return err
	case <-s.failed:
		return nil
	}
}

// Failed is closed when the log cannot be written: nothing is acknowledged any more.
func (s *Server) Failed() <-chan struct{} { return s.failed }

// fail notes why the server cannot go on.
func (s *Server) fail(err error) {
	if s.fault.CompareAndSwap(nil, &err) {
		s.log.Error("the append-only file cannot be written: the server ends", "error", err)
		close(s.failed)
	}
}

// Shutdown ends the server: it accepts no more connections, finishes what was asked for until
// ctx ends, and writes the log to the disk.
func (s *Server) Shutdown(ctx context.Context) error {
	_, err := s.group.Shutdown(ctx)
	if s.file != nil {
		s.closing.Do(func() {
			err = errors.Join(err, s.file.Close())
		})
	}
	if fault := s.fault.Load(); fault != nil {
		return *fault
	}
	return err
}
