package group

// States returns the shards of a group that has ended.
func States[S any](s *Sharded[S]) []*S { return s.states }
