package exec

// JoinSet is coroutines that belong together: whoever has it gets their results in the
// order in which they end. It belongs to one loop.
type JoinSet[T any] struct {
	l       *Local
	running []*member[T]
	over    []*Join[T] // ended, not yet returned by Next
	waiters waitList
}

// member is a coroutine of the set that has not ended. It knows its place.
type member[T any] struct {
	*Join[T]
	set *JoinSet[T]
	at  int
}

// NewJoinSet returns an empty set.
func NewJoinSet[T any](l *Local) *JoinSet[T] {
	l.check()
	return &JoinSet[T]{l: l}
}

// Go starts a coroutine in the set. The error is that of the function Go.
func (s *JoinSet[T]) Go(f func(co *Co) (T, error)) error {
	j, err := Go(s.l, f)
	if err != nil {
		return err
	}
	m := &member[T]{j, s, len(s.running)}
	j.watcher = m
	s.running = append(s.running, m)
	return nil
}

// Len returns how many coroutines of the set Next has not returned.
func (s *JoinSet[T]) Len() int { return len(s.running) + len(s.over) }

// Next waits for the next coroutine to end and returns its result: what it returned, a
// [Panic], or an error that wraps ErrCancelled. ok is false when the set is empty, and
// when the wait ended early, with the error that says so.
func (s *JoinSet[T]) Next(co *Co) (v T, ok bool, err error) {
	if s.l != co.l {
		return v, false, ErrForeign
	}
	if err := co.mayWait(); err != nil {
		return v, false, err
	}
	if len(s.over) > 0 {
		co.spend()
	}
	for len(s.over) == 0 {
		if len(s.running) == 0 {
			return v, false, nil
		}
		if err := co.mayWait(); err != nil { // somebody else took what it was woken for
			return v, false, err
		}
		if err := co.await(&s.waiters); err != nil {
			return v, false, err
		}
	}
	j := s.over[0]
	s.over[0] = nil
	if s.over = s.over[1:]; len(s.over) == 0 {
		s.over = nil
	}
	if s.Len() == 0 {
		s.waiters.wakeAll() // there is nothing to wait for any more
	}
	v, err, _ = j.Result()
	return v, true, err
}

// AbortAll cancels every coroutine of the set. Next still returns each.
func (s *JoinSet[T]) AbortAll() {
	for _, j := range s.running {
		j.Abort()
	}
}

// Wait waits until all have ended, and drops their results. The error is that of the wait,
// or the first one that a coroutine ended with.
func (s *JoinSet[T]) Wait(co *Co) error {
	var first error
	for {
		_, ok, err := s.Next(co)
		if !ok {
			if err == nil {
				err = first
			}
			return err
		}
		if first == nil {
			first = err
		}
	}
}

// joined takes note of the coroutine's end.
func (m *member[T]) joined() {
	s := m.set
	last := len(s.running) - 1
	moved := s.running[last]
	s.running[m.at], moved.at = moved, m.at
	s.running[last] = nil
	s.running = s.running[:last]
	s.over = append(s.over, m.Join)
	s.waiters.wakeOne()
}
