package balance

// JumpSlot is the jump consistent hash itself, for its published vectors.
func JumpSlot(key uint64, n int) int { return jumpSlot(key, n) }

// KeyedHash is what keyed policies make of a key before anything else.
func KeyedHash(key uint64) uint64 { return Mix(key ^ workerLevel) }

// MinusLog2 is the logarithm that weighted rankings take, of x / 2^53.
func MinusLog2(x uint64) float64 { return minusLog2(x) }

// MaglevWalk is where a worker starts in a Maglev table, and how far it steps: a pair that the paper's example gives.
type MaglevWalk struct{ Offset, Skip int }

// FillMaglev returns whose place each of a table is, for workers of equal weight.
func FillMaglev(size int, walks ...MaglevWalk) []int32 {
	ws := make([]maglevWalk, len(walks))
	for k, w := range walks {
		ws[k] = maglevWalk{at: w.Offset, skip: w.Skip, weight: 1}
	}
	return fillMaglev(size, ws)
}

// Permutation returns all places of a table in the order in which the worker comes to them.
func (w MaglevWalk) Permutation(size int) (places []int) {
	walk := maglevWalk{at: w.Offset, skip: w.Skip}
	for range size {
		places = append(places, walk.at)
		walk.step(size)
	}
	return places
}

// MaglevPlaces returns how many places each of n workers has in the table of b.
func MaglevPlaces(b Balancer, n int) []int {
	got, m := make([]int, n), b.(*maglev)
	for _, w := range m.narrow {
		got[w]++
	}
	for _, w := range m.wide {
		got[w]++
	}
	return got
}

// SameMaglevTable reports whether two balancers look keys up in the same memory.
func SameMaglevTable(a, b Balancer) bool { return &a.(*maglev).narrow[0] == &b.(*maglev).narrow[0] }
