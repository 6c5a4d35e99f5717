package pipelines

// This file holds what the stages do.

// step is the work of a stage in the middle: it fills dst from src, which is as long and may be the same.
type step func(dst, src []event)

// addOperand and addThree are the first stages of the pipeline of three.
func addOperand(dst, src []event) {
	for i, e := range src {
		dst[i] = event{e.Seq, e.Value + e.Seq}
	}
}

func addThree(dst, src []event) {
	for i, e := range src {
		dst[i] = event{e.Seq, e.Value + 3}
	}
}

// fizz and buzz say whether a value can be divided, by 1 or 0 in its place.
func fizz(dst, src []event) {
	for i, e := range src {
		dst[i] = event{e.Seq, divisible(e.Value, 3)}
	}
}

func buzz(dst, src []event) {
	for i, e := range src {
		dst[i] = event{e.Seq, divisible(e.Value, 5)}
	}
}

func divisible(v, by uint64) uint64 {
	if v%by == 0 {
		return 1
	}
	return 0
}

// both joins the two events that fizz and buzz have made of one.
func both(fizz, buzz event) event { return event{fizz.Seq, fizz.Value & buzz.Value} }

// keep passes events on as they are.
func keep(dst, src []event) { copy(dst, src) }

// op is the work of a sink: what a value makes of what it has.
type op func(total, value uint64) uint64

func add(total, value uint64) uint64      { return total + value }
func subtract(total, value uint64) uint64 { return total - value }

// exclusiveOr stands where the Disruptor has a logical and, which from 0 on stays 0 whatever comes.
func exclusiveOr(total, value uint64) uint64 { return total ^ value }

// countFours is the last stage of the pipeline of three: it counts values with this bit.
func countFours(total, value uint64) uint64 { return total + value>>2&1 }
