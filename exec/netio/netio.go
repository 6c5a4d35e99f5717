package netio

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/internal/mem"
)

// Errors that methods of this package return, possibly wrapped.
var (
	// ErrNotOnLoop is returned by what only a coroutine of the Exec that owns the
	// connection may call.
	ErrNotOnLoop = errors.New("netio: called outside the coroutines of the Exec that owns it")
	// ErrTooMany means that a limit of a Config is reached.
	ErrTooMany = errors.New("netio: limit reached")
	// ErrIdle, ErrLifetime and ErrDraining say why a connection was closed from within.
	ErrIdle     = errors.New("netio: closed: it was idle for IdleTimeout")
	ErrLifetime = errors.New("netio: closed: it has lived for MaxLifetime")
	ErrDraining = errors.New("netio: closed: the Exec drains")
)

// Defaults of the fields of [Config].
const (
	DefaultMaxConns    = 1 << 16
	DefaultReadBuffer  = 16 << 10
	DefaultKeepBuffers = 64
	DefaultMaxPipes    = 64
	DefaultTLSBuffer   = 32 << 10
)

// Config says how a Reactor is built. The zero value works.
type Config struct {
	// MaxConns is how many connections may be open at once, accepted and dialled, and packet
	// sockets.
	MaxConns int
	// ReadBuffer is the size of the buffers behind Peek, in bytes. A connection has one only
	// while it holds bytes that were read and not consumed.
	ReadBuffer int
	// KeepBuffers is how many buffers that nobody needs are kept for the next one.
	KeepBuffers int
	// TLSBuffer is how many bytes a TLS connection may have encrypted that the kernel does not
	// take yet, at most: a record, and answers that the other side asks for. A connection has a
	// buffer of that size only while there are any. The least is 20 KiB.
	TLSBuffer int

	// MaxPipes is how many pipes Forward may have at once, of two descriptors and up to 256 KiB
	// each. It needs one while it has bytes in hand. Those who find none copy.
	MaxPipes int

	// OnError, if set, is told why a handler's connection ended, if that was with an error.
	// It is called on the loop. The default counts them (Stats.Failed).
	OnError func(c *Conn, err error)
	// Logger receives what happens rarely. Default: slog.Default().
	Logger *slog.Logger
}

// maxBound is the largest value that any bound of a Config may have.
const maxBound = 1 << 24

func (c Config) withDefaults() (Config, error) {
	for _, f := range []struct {
		name       string
		value      *int
		def, least int
	}{
		{"MaxConns", &c.MaxConns, DefaultMaxConns, 1},
		{"ReadBuffer", &c.ReadBuffer, DefaultReadBuffer, 64},
		{"KeepBuffers", &c.KeepBuffers, DefaultKeepBuffers, 1},
		{"MaxPipes", &c.MaxPipes, DefaultMaxPipes, 1},
		{"TLSBuffer", &c.TLSBuffer, DefaultTLSBuffer, 20 << 10},
	} {
		if *f.value == 0 {
			*f.value = f.def
		}
		if *f.value < f.least || *f.value > maxBound {
			return c, fmt.Errorf("netio: Config.%s is %d: it must be from %d to %d, or 0 for the default of %d", f.name, *f.value, f.least, maxBound, f.def)
		}
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c, nil
}

// Reactor watches the file descriptors of one Exec. It belongs to that loop; only Stats may
// be called elsewhere.
type Reactor struct {
	l   *exec.Local
	cfg Config

	poller  poller
	told    func(key uint64, flags uint32) // dispatch, made once
	skip    int                            // turns until the next poll, when the last ones found nothing
	skipped int
	slept   int   // 1 if what is to be delivered has ended a sleep, else 0
	nap     int64 // const nap in ticks
	again   again // files that have more to do than one turn allows
	table   table

	conns    int // open
	buffers  buffers
	packets  packets
	pipes    pipes
	records  buffers       // for what TLS connections have encrypted
	now      time.Duration // see time
	old      bool          // now is of an earlier turn
	draining bool
	over     bool // the Exec has ended: nothing can be left to a coroutine

	attention attention     // what other goroutines want of connections
	ended     chan struct{} // closed when there are no coroutines any more
	counters  counters
	board     board
	spare     int // a descriptor to give up when there are no more; -1: none
}

// New makes the Reactor of an Exec, of which there can be one, and is normally called by
// its OnStart. The Reactor ends with the Exec and closes what is open then. On a system
// other than Linux the error wraps errors.ErrUnsupported.
func New(l *exec.Local, cfg Config) (*Reactor, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	p, err := newPoller()
	if err != nil {
		return nil, fmt.Errorf("netio: %w", err)
	}
	r := &Reactor{l: l, cfg: cfg, poller: p, old: true, spare: -1, ended: make(chan struct{})}
	r.told = r.dispatch
	if err := l.SleepIn(sleeper{r}); err != nil {
		p.close()
		return nil, fmt.Errorf("netio: %w", err)
	}
	r.nap = int64(float64(nap) / float64(mem.TicksDuration(1<<20)) * (1 << 20))
	r.spare = openSpare()
	// Go opens descriptors of its own for the first timer or net.Conn of a process, and ends the
	// process if there are none left: so it does that now.
	time.AfterFunc(time.Hour, func() {}).Stop()
	r.buffers = buffers{size: cfg.ReadBuffer, keep: cfg.KeepBuffers}
	r.records = buffers{size: cfg.TLSBuffer, keep: cfg.KeepBuffers}
	r.attention.waker = exec.NewWaker(l, (*attend)(r))
	l.AddSource(source{r})
	l.AddFlusher(source{r})
	l.AtDrain(func(*exec.Local) { r.drain() })
	l.AtEnd(func(*exec.Local) { r.end() })
	return r, nil
}

// Local returns the loop that the Reactor belongs to.
func (r *Reactor) Local() *exec.Local { return r.l }

// time returns the Exec's time, of this turn or a later moment: to note it costs a look at
// the clock in each turn, and not for each read and write.
func (r *Reactor) time() time.Duration {
	if r.old {
		r.now, r.old = r.l.Now(), false
	}
	return r.now
}

// ReadBuffer returns the size of the buffers behind Peek, in bytes.
func (r *Reactor) ReadBuffer() int { return r.cfg.ReadBuffer }

// end closes everything.
func (r *Reactor) end() {
	r.draining, r.over = true, true
	defer func() { // also if an OnClose panics
		r.pipes.end()
		closeFD(r.spare)
		r.spare = -1
		r.poller.close()
		r.show()
		close(r.ended)
	}()
	r.table.each(func(f file) { f.abandon() })
}
