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
	yields   = 16                     // then looks with a Gosched between them
	firstNap = 20 * time.Microsecond  // then sleeps, doubling
	lastNap  = 500 * time.Microsecond // up to here
)

// Backoff is one wait. The zero value is ready; Reset starts over.
type Backoff struct {
	looks int
	nap   time.Duration
}

// Reset starts over, after what was waited for has come.
func (b *Backoff) Reset() { *b = Backoff{} }

// Wait waits a little longer than the last time. It returns ctx's error once ctx
// has ended, and nil otherwise.
func (b *Backoff) Wait(ctx context.Context) error {
	b.looks++
	switch {
	case b.looks <= pauses:
		mem.Pause()
		return nil
	case b.looks <= pauses+yields:
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
