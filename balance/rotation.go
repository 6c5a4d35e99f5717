package balance

// rotation is the open workers, and whose turn it is.
//
// Invariant: open is not empty ([Full] stands for nobody) and 0 <= next < len(open).
type rotation struct {
	open []int // ascending; rebuilt by Update, so that closed workers cost a pick nothing
	next int   // position in open of the worker whose turn it is
}

func newRotation() rotation { return rotation{open: []int{Full}} }

// Update goes on with the worker whose turn it was, or with the next open one after it.
func (r *rotation) Update(v *View) error {
	due := r.open[r.next]
	open, err := openList(r.open, v)
	r.open, r.next = open, 0
	for i, w := range open {
		if w >= due {
			r.next = i
			break
		}
	}
	return err
}
