package measure

import "time"

// unitTime is how long one measurement should take: long against its start-up, short against the machine's moods, so
// that what is compared meets the same one.
const unitTime = 20 * time.Millisecond

// amount finds how much work takes unitTime, without the start of threads where the sample tells. It believes the
// quickest of three tries: one that another process interrupts makes little work look like plenty.
func (s *Session) amount(r Row, im Impl, watch func(func() error) error) (int, error) {
	if r.Amount > 0 {
		return r.Amount, nil
	}
	for n := AmountStep; ; n *= 4 {
		quickest := time.Hour
		for range 3 {
			start := time.Now()
			var got Sample
			if err := watch(func() (err error) {
				got, err = im.Run(s.spot(im), n)
				return err
			}); err != nil {
				return 0, err
			}
			took := time.Since(start)
			if got.Metrics[0].Unit == NsPerOp {
				took = time.Duration(got.Value() * float64(n))
			}
			if quickest = min(quickest, took); quickest < unitTime/64 {
				break // far too little, whoever interrupted it
			}
		}
		if quickest > unitTime/6 {
			return max(r.Least, roundUp(int(float64(n)*float64(unitTime)/float64(quickest)))), nil
		}
	}
}

// AmountStep divides every amount of work, so that batches come out even.
const AmountStep = 256

func roundUp(n int) int { return max(1, (n+AmountStep-1)/AmountStep) * AmountStep }
