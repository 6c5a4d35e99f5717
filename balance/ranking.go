package balance

import (
	"math"
	"math/bits"
)

// ranking orders workers by the score that a key has with each of them. The best one is the key's; if that goes, the
// key's is the next, and no other key is concerned.
//
// Invariant: worker is not empty ([Full] stands for nobody), worker[i] belongs to id[i] and expect[i].
type ranking struct {
	worker []int
	id     []uint64
	expect []float64 // 1/weight
	even   bool      // all weights are equal
}

// rankBits is the room for a position in the low bits of a score.
const rankBits = 16

// reset makes r a ranking of these candidates. It allocates only if there never were as many.
func (r *ranking) reset(candidates []candidate) {
	r.worker, r.id, r.expect, r.even = r.worker[:0], r.id[:0], r.expect[:0], true
	for _, m := range candidates {
		r.worker = append(r.worker, m.worker)
		r.id = append(r.id, m.id)
		r.expect = append(r.expect, 1/float64(m.weight))
		r.even = r.even && m.weight == candidates[0].weight
	}
	if len(candidates) == 0 {
		r.worker = append(r.worker, Full)
	}
}

// rankHash prepares a key for scores. A score multiplies once more, so one multiplication is enough here, where Mix has
// two.
func rankHash(key uint64) uint64 { return score(key, workerLevel) }

// score is what a key's hash and a worker have in common: both words of one product. The hash must have been mixed.
func score(hash, id uint64) uint64 {
	hi, lo := bits.Mul64(hash^id, 0x9e3779b97f4a7c15)
	return hi ^ lo
}

// pick returns the worker with the best score, or Full.
func (r *ranking) pick(hash uint64) int { return r.worker[r.first(hash)] }

// first returns the position of the best score.
func (r *ranking) first(hash uint64) int {
	if !r.even {
		return r.firstByWeight(hash)
	}
	// The position rides in the low bits of the score: one maximum without a branch, where a branch would be
	// mispredicted for each worker that is better than those before it. 48 bits of score are left.
	const mask = 1<<rankBits - 1
	best := uint64(0)
	for i, id := range r.id {
		best = max(best, score(hash, id)&^mask|uint64(i))
	}
	return int(best & mask)
}

// firstByWeight lets each worker draw a time from the exponential distribution with its weight for a rate: worker i is
// the first with probability weight(i) / sum of weights. For a score x in (0, 1], -log2(x) / weight is such a time.
// Positive floating-point numbers are ordered as their bits are, so that the position may ride here, too; 36 bits are
// left.
func (r *ranking) firstByWeight(hash uint64) int {
	const mask = 1<<rankBits - 1
	best := uint64(math.MaxUint64)
	expect := r.expect[:len(r.id)]
	for i, id := range r.id {
		t := math.Float64bits(minusLog2(score(hash, id)>>11) * expect[i])
		best = min(best, t&^mask|uint64(i))
	}
	return int(best & mask)
}

// logSegments are chords of log2 over [1, 2), in 256 equal parts: value at the left end, and what each step of the 44
// bits within the part adds.
var logSegments = func() (segments [256]struct{ at, slope float64 }) {
	for i := range segments {
		s := &segments[i]
		s.at = math.Log2(1 + float64(i)/256)
		s.slope = (math.Log2(1+float64(i+1)/256) - s.at) / (1 << 44)
	}
	return segments
}()

// minusLog2 returns -log2((x|1) / 2^53), for x < 2^53, to within 3e-6; it never rises with x. What the chords are wrong
// by is the same for every worker in a part, so that shares are off by less than one in a thousand. No branches, where
// math.Log has several.
func minusLog2(x uint64) float64 {
	f := math.Float64bits(float64(int64(x | 1)))
	s := &logSegments[f>>44&0xff]
	return float64(1023+53-int64(f>>52)) - s.at - s.slope*float64(int64(f&(1<<44-1)))
}
