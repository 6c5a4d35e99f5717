package exec

// SendUnwoken is TrySend by a sender that forgets to wake the Exec: a fault for
// simulations to find.
func SendUnwoken[T any](in *Inbox[T], v T) bool { return in.shared.Push(v) }

// PushUnwoken is Push by such a sender.
func PushUnwoken[T any](n *Lane[T], v T) bool { return n.ring.Push(v) }
