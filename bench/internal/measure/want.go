package measure

// Want is what a row is to show: a relation between one metric of two implementations in the same round.
type Want struct {
	Ours, Peer string // Peer is "" where the figure itself is judged
	Metric     string // the unit of what is compared; "": the first metric
	Limit      float64
	Unit       string // of Limit: "x", " ns"
	AtLeast    bool   // else at most
	Scaled     bool   // by the calibration loop, which is the peer
	NearZero   bool   // what is compared may be nothing: its spread is seen beside the limit
	relation   func(ours, peer float64) float64
}

// Faster wants ours to need at most one x-th of the peer's time.
func Faster(ours, peer string, x float64) Want {
	times := func(o, p float64) float64 { return p / o }
	return Want{Ours: ours, Peer: peer, Limit: x, Unit: "x", AtLeast: true, relation: times}
}

// Within wants ours to need at most x times the peer's time.
func Within(ours, peer string, x float64) Want {
	return Want{Ours: ours, Peer: peer, Limit: x, Unit: "x", relation: func(o, p float64) float64 { return o / p }}
}

// Over wants ours to have at least x times the peer's figure.
func Over(ours, peer string, x float64) Want {
	w := Within(ours, peer, x)
	w.AtLeast = true
	return w
}

// Plus wants ours to need at most ns more than the peer.
func Plus(ours, peer string, ns float64) Want {
	more := func(o, p float64) float64 { return o - p }
	return Want{Ours: ours, Peer: peer, Limit: ns, Unit: " ns", NearZero: true, relation: more}
}

// AtMost wants ours to need at most ns on the machine that the table speaks of: the calibration loop of the same round
// says how fast this one is. The row must have Calibration.
func AtMost(ours string, ns float64) Want {
	scaled := func(o, p float64) float64 { return o / p * calibrationNs }
	return Want{Ours: ours, Peer: calibration, Limit: ns, Unit: " ns", Scaled: true, relation: scaled}
}

// Below wants the figure itself to be at most limit.
func Below(ours string, limit float64, unit string) Want {
	return Want{Ours: ours, Limit: limit, Unit: unit, NearZero: true, relation: func(o, _ float64) float64 { return o }}
}

// In returns w for the metric of this unit in the place of the first one.
func (w Want) In(unit string) Want {
	w.Metric = unit
	return w
}
