package measure

import "github.com/pushcore/pushcore/internal/mem"

// Poll is how everyone here waits for the other side, peers included: some PAUSEs after a short take, more each time,
// none after a full one. Polling harder takes the line from the other side again and again, and both get slower.
type Poll struct {
	pauses int
	empty  int
}

func (p *Poll) Took(n, full int) {
	if n >= full {
		p.pauses, p.empty = 0, 0
		return
	}
	p.short(n)
}

func (p *Poll) short(n int) {
	p.pauses = min(2*p.pauses+1, 32)
	for range p.pauses {
		mem.Pause()
	}
	if n > 0 {
		p.empty = 0
	} else if p.empty++; p.empty > 1<<25 { // some 30 s of nothing
		panic("bench: an item was lost: the other side has been waiting for it for half a minute")
	}
}
