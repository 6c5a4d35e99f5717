package group

// CreditsLeft returns how many forwarded items may still be sent.
func CreditsLeft[T any](g *Group[T]) int { return int(g.credits.left.Load()) }

// States returns the shards of a group that has ended.
func States[S any](s *Sharded[S]) []*S { return s.states }
