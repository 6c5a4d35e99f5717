package exec

import (
	"fmt"
	"strings"
	"time"

	"github.com/pushcore/pushcore/internal/mem"
)

// A Source is anything that a turn polls besides inboxes and timers: a packet
// ring, a reactor, a device. In figures it appears under its type, or what its String method
// says when it is added; if it is a [Reporter], with figures of its own.
type Source interface {
	// Poll does up to about budget units of work and returns how many it did. It
	// is called once per turn and must not block.
	Poll(l *Local, budget int) (n int)
	// Next tells, before the Exec parks, when Poll is wanted again at the latest,
	// in the Exec's clock. ok is false if it need not be polled until somebody
	// calls Wake.
	Next() (deadline time.Duration, ok bool)
}

// AddSource adds s for as long as the Exec lives.
func (l *Local) AddSource(s Source) {
	l.check()
	if s == nil {
		panic("exec: AddSource of a nil Source")
	}
	p := &polled{Source: s, name: sourceName(s)}
	if !l.observed {
		p.timed.never()
	}
	l.sources = append(l.sources, p)
	l.x.mu.Lock()
	defer l.x.mu.Unlock()
	l.x.sources = append(l.x.sources, p)
}

func sourceName(s Source) string {
	if s, ok := s.(fmt.Stringer); ok {
		return s.String()
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", s), "*")
}

// polled is a Source with its account.
type polled struct {
	Source
	name string

	// The loop's own.
	polls, useful, done uint64
	timed               sampler
	run                 recorder

	shown [3]mem.Index // a part of the board
}

// idleTimed is how many polls there are to one that is timed while the loop has nothing to do: it may be the one that ends
// this, and it costs nobody anything.
const idleTimed = 8

// poll polls it, and times that now and then.
func (p *polled) poll(l *Local) (n int) {
	p.polls++
	weight := p.weight(l)
	if weight == 0 && !l.tracing {
		if n = p.Poll(l, l.x.cfg.Burst); n > 0 {
			p.useful++
			p.done += uint64(n)
		}
		return n
	}
	began := mem.Ticks()
	if l.tracing {
		n = l.inRegion(p.name, func() int { return p.Poll(l, l.x.cfg.Burst) })
	} else {
		n = p.Poll(l, l.x.cfg.Burst)
	}
	if n > 0 {
		p.useful++
		p.done += uint64(n)
		p.run.note(l.pace.duration(mem.Ticks()-began), weight)
	}
	return n
}

// weight returns how many polls this one stands for; 0: it need not be timed.
func (p *polled) weight(l *Local) uint64 {
	switch {
	case l.ladder.empty > 0 && p.polls%idleTimed == 0 && l.observed:
		p.timed.block(p.polls)
		return idleTimed
	case l.ladder.empty > 0 || p.polls < p.timed.next:
		return 0
	}
	return p.timed.took(p.polls, l.lastTicks, l.pace.every)
}

// show is a part of publish.
func (p *polled) show(l *Local) {
	p.shown[0].StoreRelease(p.polls)
	p.shown[1].StoreRelease(p.useful)
	p.shown[2].StoreRelease(p.done)
	p.run.show()
	p.timed.relax(p.polls, l.lastTicks, l.pace.stale)
}

func (p *polled) read() SourceStats {
	return SourceStats{Name: p.name, Polls: p.shown[0].Load(), Useful: p.shown[1].Load(), Done: p.shown[2].Load(), RunTime: p.run.read()}
}
