package group

// States returns the shards of a group that has ended.
func States[S any](s *Sharded[S]) []*S { return s.states }

// Changing reports whether a change of the workers is being made.
func (g *Group[T]) Changing() bool { return len(g.changing) > 0 }
