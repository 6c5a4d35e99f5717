package exec

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"github.com/pushcore/pushcore/internal/mem"
	"github.com/pushcore/pushcore/ring"
)

// Defaults of the fields of [PoolConfig].
const (
	DefaultPoolKeep    = 1024
	DefaultPoolMaxLive = 1 << 16
)

// PoolConfig says how a Pool is built. The zero value works.
type PoolConfig[T any] struct {
	// Name appears in errors and panics. Default "pool".
	Name string
	// New makes an object when none is free, on the home loop. It may not return
	// nil. Default new(T).
	New func() *T
	// Reset, if set, is called on the home loop with every object that comes
	// back: at once when it was put there, and when home takes it out of the
	// return ring otherwise. It must not panic.
	Reset func(v *T)

	// Keep is how many free objects home keeps. One that is put there beyond it
	// is left to the garbage collector. Default DefaultPoolKeep.
	Keep int
	// MaxLive is how many objects may be out at once; Get returns nil beyond it.
	// Default DefaultPoolMaxLive.
	MaxLive int
	// ReturnCap is the capacity of the ring in which objects freed elsewhere wait
	// until home needs them. One that finds it full is left to the garbage
	// collector. Where they come back in waves, this is how much of a wave is kept:
	// a ring as large as MaxLive keeps all of it. Default Keep.
	ReturnCap int
}

// Pool lends objects to whatever runs on one Exec, its home, and takes them back
// from anywhere. At home both cost a few nanoseconds, no locked instruction and,
// once enough objects exist, no allocation. An object freed on another loop goes
// home with others, in one push for up to 32 of them; home takes them back when
// it has no other free object left, and is not woken for them.
//
// An object is live from the Get that returned it until it is put or returned.
// Objects that nobody gives back are collected as garbage, but they stay live in
// the books: once everything has ended, [PoolStats].Live is the number of leaks.
//
// What Get returns is as Reset left it or, without Reset, as its last user left
// it; a new object is as New made it. Race builds and builds with the tag
// execcheck panic when an object is put twice, was never taken from this pool,
// or was written to while it was free. There a free object is filled with 0xDB
// or, if it holds pointers, with zeros, so that reading it shows, too; Get puts
// back what it held.
type Pool[T any] struct {
	_ mem.Pad

	// Written only by NewPool.
	home    *Local
	cfg     PoolConfig[T]
	returns *ring.MPSC[*T]
	check   poolCheck[T]

	_ mem.Pad

	// Written only on the home loop; the counters are read by anyone.
	free    []*T      // a stack; its capacity is Keep and never changes
	settled uint64    // elsewhere, as of the last look at it
	gets    mem.Index // objects given out
	puts    mem.Index // objects put at home
	misses  mem.Index // objects made
	refused mem.Index // Gets that returned nil
	trimmed mem.Index // objects left to the collector at home

	_ mem.Pad

	// Written by those who free objects elsewhere, once per batch.
	elsewhere atomic.Uint64 // objects freed, counted before they are pushed
	dropped   atomic.Uint64 // those of them that the ring had no room for

	_ mem.Pad
}

const (
	_ = uint(unsafe.Offsetof(Pool[byte]{}.free) - unsafe.Offsetof(Pool[byte]{}.check) - mem.CacheLine)
	_ = uint(unsafe.Offsetof(Pool[byte]{}.elsewhere) - unsafe.Offsetof(Pool[byte]{}.trimmed) - mem.CacheLine)
	_ = uint(unsafe.Sizeof(Pool[byte]{}) - unsafe.Offsetof(Pool[byte]{}.dropped) - mem.CacheLine)
)

// poolBatch is how many objects travel home in one push, and are taken back at
// once.
const poolBatch = 32

// NewPool returns an empty pool whose home is x. It may be called at any time, by
// anyone. The error names the field of cfg that is out of range.
func NewPool[T any](x *Exec, cfg PoolConfig[T]) (*Pool[T], error) {
	if cfg.Name == "" {
		cfg.Name = "pool"
	}
	if cfg.Keep == 0 {
		cfg.Keep = DefaultPoolKeep
	}
	if cfg.MaxLive == 0 {
		cfg.MaxLive = DefaultPoolMaxLive
	}
	if cfg.ReturnCap == 0 {
		cfg.ReturnCap = cfg.Keep
	}
	for _, f := range []struct {
		name  string
		value int
	}{{"Keep", cfg.Keep}, {"MaxLive", cfg.MaxLive}, {"ReturnCap", cfg.ReturnCap}} {
		if f.value < 1 || f.value > maxBound {
			return nil, fmt.Errorf("exec: pool %s: %s is %d: it must be from 1 to %d, or 0 for the default", cfg.Name, f.name, f.value, maxBound)
		}
	}
	if cfg.New == nil {
		cfg.New = func() *T { return new(T) }
	}
	var zero T
	if unsafe.Sizeof(zero) == 0 {
		return nil, fmt.Errorf("exec: pool %s: a %T has no size, so there is nothing to reuse: pool a type with fields", cfg.Name, zero)
	}
	return &Pool[T]{home: x.loop, cfg: cfg, free: make([]*T, 0, cfg.Keep), returns: ring.NewMPSC[*T](cfg.ReturnCap)}, nil
}

// Get takes an object out, the one that was put last if one is free. It returns
// nil, and counts a refusal, when MaxLive are out: the caller does without, or
// tries again when some have come back. It may be called on the home loop only
// and panics on any other.
func (p *Pool[T]) Get(l *Local) *T {
	l.check()
	if l != p.home {
		panic(fmt.Sprintf("exec: Get of pool %q on Exec %q: its home is Exec %q, and objects are taken out only there", p.cfg.Name, l.x.cfg.Name, p.home.x.cfg.Name))
	}
	if p.out() >= uint64(p.cfg.MaxLive) && !p.settle() {
		p.refused.StoreRelease(p.refused.Load() + 1)
		return nil
	}
	if len(p.free) == 0 && !p.takeBack() {
		return p.fresh()
	}
	last := len(p.free) - 1
	v := p.free[last]
	p.free[last] = nil
	p.free = p.free[:last]
	p.check.taken(p.cfg.Name, v)
	p.gets.StoreRelease(p.gets.Load() + 1)
	return v
}

// settle looks at what was freed elsewhere and reports whether that makes room
// below MaxLive. Objects that are still on their way home, or were dropped, are
// not live any more.
func (p *Pool[T]) settle() bool {
	p.settled = p.elsewhere.Load()
	return p.out() < uint64(p.cfg.MaxLive)
}

// out returns how many objects are live as far as home knows.
func (p *Pool[T]) out() uint64 { return p.gets.Load() - p.puts.Load() - p.settled }

// takeBack moves a batch from the return ring to the empty free list and reports
// whether there was one.
func (p *Pool[T]) takeBack() bool {
	var batch [poolBatch]*T
	n := p.returns.PopBatch(batch[:min(poolBatch, cap(p.free))])
	for _, v := range batch[:n] {
		p.keep(v)
	}
	return len(p.free) > 0
}

// fresh is Get when no object is free.
func (p *Pool[T]) fresh() *T {
	v := p.cfg.New()
	if v == nil {
		panic(fmt.Sprintf("exec: New of pool %q returned nil: it must return an object", p.cfg.Name))
	}
	p.check.made(p.cfg.Name, v)
	p.misses.StoreRelease(p.misses.Load() + 1) // before gets: see Stats
	p.gets.StoreRelease(p.gets.Load() + 1)
	return v
}

// Put gives v back; the caller must not use it any more. It may be called on any
// loop, with that loop's Local. Elsewhere than at home v is sent home with the
// next batch, at the end of the turn at the latest. It panics if v is nil.
func (p *Pool[T]) Put(l *Local, v *T) {
	l.check()
	p.freed(v)
	if l != p.home {
		p.returner(l).put(l, v)
		return
	}
	p.puts.StoreRelease(p.puts.Load() + 1)
	p.keep(v)
}

// freed ends the time of v as a live object.
func (p *Pool[T]) freed(v *T) {
	if v == nil {
		panic(fmt.Sprintf("exec: nil was put into pool %q", p.cfg.Name))
	}
	p.check.freed(p.cfg.Name, v)
}

// keep puts v on the free list, or leaves it to the collector.
func (p *Pool[T]) keep(v *T) {
	if p.cfg.Reset != nil {
		p.check.reset(p.cfg.Name, v, p.cfg.Reset)
	}
	if len(p.free) == cap(p.free) {
		p.check.forget(v)
		p.trimmed.StoreRelease(p.trimmed.Load() + 1)
		return
	}
	p.free = append(p.free, v)
}
