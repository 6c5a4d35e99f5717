package exectest

// trace hashes what happens: FNV-1a over 64-bit words (G. Fowler, L. C. Noll,
// K.-P. Vo), which tells schedules apart and costs a multiplication each.
type trace struct{ hash uint64 }

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// What happens.
const (
	evStep   uint64 = iota // id, worked, time
	evPick                 // n, i
	evFull                 // id, refused
	evParked               // id, deadline
	evWoken                // id, steps that it is late
)

func newTrace() trace { return trace{fnvOffset} }

func (t *trace) note(words ...uint64) {
	h := t.hash
	for _, w := range words {
		h = (h ^ w) * fnvPrime
		h ^= h >> 32 // FNV eats bytes: without this, high bits would stay high
	}
	t.hash = h
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
