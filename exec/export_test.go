package exec

// LanesKnown returns how many lanes the loop of in keeps in mind.
func LanesKnown[T any](in *Inbox[T]) int { return len(in.lanes.order) }
