package balancesim

import "math"

// The functions of this file return mean sojourn times for Poisson arrivals and a mean service time of 1, where the
// theory of queues knows them, with load < 1 the share of time that a worker is busy: what to hold a simulation
// against.

// MG1 is one worker, or several among which items are dealt at random (Pollaczek and Khinchine). scv is the squared
// coefficient of variation of the service times: 1 for exponential ones (M/M/1), 0 for equal ones (M/D/1).
func MG1(load, scv float64) float64 { return 1 + load*(1+scv)/2/(1-load) }

// MMc is c workers that take from one queue, with exponential service: no policy that does not know how long items take
// does better (Erlang's C formula).
func MMc(c int, load float64) float64 {
	n := float64(c)
	b := ErlangB(c, n*load)
	wait := b / (1 - load*(1-b)) // the probability of it
	return 1 + wait/(n*(1-load))
}

// ErlangB is the share of items that find all of c workers busy and are lost, with work coming at offered times
// what one worker can do.
func ErlangB(c int, offered float64) float64 {
	b := 1.0
	for k := 1; k <= c; k++ {
		b = offered * b / (float64(k) + offered*b)
	}
	return b
}

// Supermarket is the shortest of d queues drawn at random, with exponential service, in the limit of many workers
// (Mitzenmacher, "The power of two choices in randomized load balancing", IEEE TPDS 12(10), 2001). With n workers it
// takes longer by about load/(2n(1-load)), for d of 2 (Gast, "Expected values estimated via mean-field approximation
// are 1/N-accurate", POMACS 1(1), 2017).
func Supermarket(d int, load float64) float64 {
	sum, power := 0.0, 0.0 // power: (d^i - d) / (d - 1), which is d + d^2 + ... + d^(i-1)
	for next := float64(d); ; next *= float64(d) {
		term := math.Pow(load, power)
		sum += term
		if term < 1e-15 {
			return sum
		}
		power += next
	}
}

// RoundRobin is n workers that get items in turn, with exponential service: each is a queue of its own with gaps of
// Erlang's distribution of order n (E_n/M/1). What an item finds there is geometric with the root of sigma = A(1 -
// sigma), A being the Laplace transform of the gaps.
func RoundRobin(n int, load float64) float64 {
	rate := float64(n) * load
	sigma := 0.0
	for range 1_000_000 { // from below; converges because load < 1
		next := math.Pow(rate/(rate+1-sigma), float64(n))
		if next-sigma < 1e-15 {
			break
		}
		sigma = next
	}
	return 1 / (1 - sigma)
}

// ShortestOfTwo is two workers behind one producer that sends each item to the shorter queue, with exponential service.
// There is no closed form: the balance equations are solved by iteration, with queues of at most 120 items. It takes
// some milliseconds, and is exact to 1e-6 for loads up to 0.9.
func ShortestOfTwo(load float64) float64 {
	// States are (short, gap), with short <= 120; items come at 2*load, each busy worker serves at 1. Long gaps
	// are rare: beyond 40 they have a probability below 1e-9.
	const shorts, gaps = 120, 40
	at := func(s, g int) int { return s*(gaps+1) + g }
	p := make([]float64, (shorts+1)*(gaps+1))
	for i := range p { // a guess; all zeros would stay so
		p[i] = math.Pow(load, float64(2*(i/(gaps+1))+i%(gaps+1)))
	}
	for range 20_000 {
		change, sum, items := 0.0, 0.0, 0.0
		for s := range shorts + 1 {
			for g := range gaps + 1 {
				in, out := 0.0, 2*load
				if s+g > 0 {
					out++ // the longer queue, or one of two equal ones
				}
				if s > 0 {
					out++
				}
				if s == shorts && g > 0 {
					out -= 2 * load // nothing more is taken
				}
				if s > 0 && g == gaps {
					out-- // and a longer gap is not let happen
				}
				// An item came to the shorter queue.
				if s > 0 && g < gaps {
					in += 2 * load * p[at(s-1, g+1)]
				}
				if g == 1 {
					in += 2 * load * p[at(s, 0)]
				}
				// The longer queue lost one.
				if g < gaps {
					in += p[at(s, g+1)]
				}
				// The shorter one did, or one of two equal ones.
				switch {
				case g == 1 && s < shorts:
					in += 2 * p[at(s+1, 0)]
				case g > 1 && s < shorts:
					in += p[at(s+1, g-1)]
				}
				next := in / out
				change = math.Max(change, math.Abs(next-p[at(s, g)]))
				p[at(s, g)] = next
				sum += next
				items += next * float64(2*s+g)
			}
		}
		if change < 1e-11*sum {
			return items / sum / (2 * load) // Little
		}
	}
	return math.NaN()
}
