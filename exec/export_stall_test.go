//go:build stalltest

package exec

import "github.com/pushcore/pushcore/ring"

// StallSend is TrySend by a sender that is stopped half-way: its item becomes
// visible, and the Exec is woken for it, when it calls publish.
func StallSend[T any](in *Inbox[T], v T) (publish func()) {
	push := ring.StallPush(in.shared, v)
	return func() {
		push()
		in.x.wakeIfParkedFor(in)
	}
}
