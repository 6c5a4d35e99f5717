package balancesim


// An Anchor is a case whose answer the theory of queues knows.
type Anchor struct {
	Name   string
	Config Config
	// Formula says where Want comes from, in words.
	Formula string
	Want    float64
	// Slack is how far above Want the truth may be because Want is a limit, of many workers for instance.
	Slack float64
	// Of says which figure of a Result Want is about.
	Of func(Result) Interval
}

// Agrees reports whether a figure that was found is what is wanted, within its interval and the slack.
func (a Anchor) Agrees(found Interval) bool {
	return found.Mean-found.Half <= a.Want+a.Slack && a.Want <= found.Mean+found.Half
}

// anchorConfidence is that of the intervals: of a hundred anchors, with as many seeds, one in ten sets should fail to agree.
const anchorConfidence = 0.999
