package exec

// SendUnwoken is TrySend by a sender that forgets to wake the Exec: a fault for
// simulations to find.
func SendUnwoken[T any](in *Inbox[T], v T) bool { return in.shared.Push(v) }

// PushUnwoken is Push by such a sender.
func PushUnwoken[T any](n *Lane[T], v T) bool { return n.ring.Push(v) }

// WakeUnwoken is Waker.Wake by one who forgets to wake the Exec.
func WakeUnwoken(w *Waker) {
	w.listed.Store(true)
	w.next = w.x.woken.Swap(w)
}

// CloseUnwoken is Mailbox.Close by one who forgets those who wait.
func CloseUnwoken[T any](m *Mailbox[T]) { m.Inbox.Close() }

// AnswerUnwoken answers the last call of x as an Exec does that forgets to wake x.
func AnswerUnwoken(x *Exec) {
	c := x.loop.calls.peers[0].calls
	c.link = x.replied.Swap(c)
}
