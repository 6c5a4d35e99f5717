// Package backoff waits for room in a ring from an ordinary goroutine: first by
// polling, then by sleeping longer and longer. It is for the outside only; a
// loop must never wait.
package backoff

import (
	"context"
	"runtime"
	"time"

	"github.com/pushcore/pushcore/internal/mem"
)

const (
	pauses   = 64                     // looks with one PAUSE between them
	yields   = 16                     // then looks with a Yield and a Gosched: whoever makes room may need this processor, or this P
	firstNap = 20 * time.Microsecond  // then sleeps, doubling
	lastNap  = 500 * time.Microsecond // up to here
	robbed   = 64                     // Yields that are left out after one that took Long
)

// Long is a Yield that has cost a whole time slice: the processor went to a thread with work of its own, most likely.
// Those that are worth a Yield, because they make room or send something, come to a full or an empty ring sooner.
const Long = time.Millisecond

// Backoff is one wait. The zero value is ready; Reset starts over.
type Backoff struct {
	looks  int
	nap    time.Duration
	robbed int // Yields to leave out, because one took Long: whoever has this processor is not waited for
}

// Reset starts over, after what was waited for has come.
func (b *Backoff) Reset() { *b = Backoff{} }

// Ease skips the polling, after a part of what was waited for has come: the rest waits for somebody
// else, who may need this processor.
func (b *Backoff) Ease() { *b = Backoff{looks: pauses, robbed: b.robbed} }

// Wait waits a little longer than the last time. It returns ctx's error once ctx
// has ended, and nil otherwise.
func (b *Backoff) Wait(ctx context.Context) error {
	b.looks++
	switch {
	case b.looks <= pauses:
		mem.Pause()
		return nil
	case b.looks <= pauses+yields:
		if b.robbed > 0 {
			b.robbed--
		} else if Yield() > Long {
			b.robbed = robbed
		}
		runtime.Gosched()
		return ctx.Err()
	}
	b.nap = min(max(2*b.nap, firstNap), lastNap)
	timer := time.NewTimer(b.nap)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
