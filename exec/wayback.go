package exec

import "github.com/pushcore/pushcore/internal/mem"

// wayBack is the other end of an outlet. It belongs to the loop that is called, and shares
// no line with what the caller writes.
type wayBack struct {
	_       mem.Pad
	to      *Exec // that is called
	replies *Lane[*call]
	sent    bool // a reply was, in this turn
	staged  bool // and others were staged after it
	_       mem.Pad
}

// reply sends the call back. It is called on the loop that was called, l.
func (c *call) reply(l *Local) {
	b := c.back
	if !b.replies.Stage(c) && !b.replies.Closed() {
		panic("exec: the lane for replies is full: this is a defect of package exec")
	}
	if b.sent {
		b.staged = true
		return
	}
	b.sent = true
	b.flush()
	l.needDesk()
	l.calls.answers = append(l.calls.answers, b)
}

func (b *wayBack) flush() {
	if !b.replies.Flush() {
		b.replies.Recall() // nobody waits for them any more
	}
}
