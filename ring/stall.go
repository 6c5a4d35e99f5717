//go:build stalltest

package ring

// StallPush is Push by a producer that is stopped between claiming its place and
// publishing what it wrote there, until it calls publish. It is there for tests
// of what waits behind such a producer, with the build tag stalltest, and for
// nothing else. It panics when the ring is full or closed.
func StallPush[T any](r *MPSC[T], v T) (publish func()) {
	p, n := r.claimRun(step, step)
	if n == 0 {
		panic("ring: StallPush on a ring that is full or closed")
	}
	r.slots[r.index(p)] = v
	return func() { r.publish(p, p+step) }
}
