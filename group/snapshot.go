package group

import (
	"maps"
	"slices"

	"github.com/pushcore/pushcore/exec"
)

// Snapshot is all that is known of a group at one moment. Each member's Exec is shown in one consistent picture; the
// pictures, and the group's sums, are of moments close to each other.
type Snapshot struct {
	Name     string
	Balancer string // what Config.Balance makes, by balance.Name

	Stats // its Workers are nil: see Members

	Members   []Member  // by id
	Imbalance Imbalance // since the group was made

	Producers    int            // open now
	Forwarders   int            // open now
	Forwards     int            // forwarded items that are on their way now, or reserved for what handlers have in hand
	MaxForwards  int            // and how many may be
	BalancerFull uint64         // times that a balancer picked none
	Decisions    []exec.Counter // what balancers count of their own, by name: see balance.Reporter
}

// Member is one worker.
type Member struct {
	ID       int
	Open     bool   // senders may pick it: it is not paused
	Weight   uint32 // relative to the others
	Received uint64 // items that it was sent, whatever became of them
	Exec     exec.Snapshot
}

// Imbalance says how unevenly something is spread over workers that are open: the most that one has, divided by the
// mean. 1 is even, the number of workers is all on one, 0 is nothing at all.
type Imbalance struct {
	Received float64 // items
	Busy     float64 // time
}

// MaxByMean returns the largest of vs divided by their mean, 0 if all are 0.
func MaxByMean(vs []float64) float64 {
	most, sum := 0.0, 0.0
	for _, v := range vs {
		most, sum = max(most, v), sum+v
	}
	if sum == 0 {
		return 0
	}
	return most * float64(len(vs)) / sum
}

// ImbalanceOf returns the imbalance of the members that are open.
func ImbalanceOf(ms []Member) Imbalance {
	var received, busy []float64
	for _, m := range ms {
		if m.Open {
			received, busy = append(received, float64(m.Received)), append(busy, m.Exec.Busy.Seconds())
		}
	}
	return Imbalance{MaxByMean(received), MaxByMean(busy)}
}

// Snapshot returns all that is known of the group. Anyone may call it at any time; it costs the workers nothing, and
// the caller some tens of microseconds for each of them.
func (g *Group[T]) Snapshot() Snapshot {
	s := Snapshot{Name: g.cfg.Name, Balancer: g.bal.name, Stats: g.Stats(), MaxForwards: g.cfg.MaxForwards}
	s.Workers = nil
	s.BalancerFull = g.pickedNone.Load()
	s.Forwards = s.MaxForwards - int(g.credits.left.Load())
	g.mu.Lock()
	s.Producers, s.Forwarders = len(g.producers), len(g.forwarders)
	decided := maps.Clone(g.decided)
	reporters := slices.Collect(maps.Values(g.reporters))
	g.mu.Unlock()
	for _, b := range reporters { // without the lock: it may be the program's code
		b.Report(func(decision string, n uint64) { decided[decision] += n })
	}
	for _, name := range slices.Sorted(maps.Keys(decided)) {
		s.Decisions = append(s.Decisions, exec.Counter{Name: name, Value: decided[name]})
	}
	ro := g.roster.Load()
	for _, w := range ro.workers {
		if w != nil {
			s.Members = append(s.Members, w.snapshot(ro))
		}
	}
	s.Imbalance = ImbalanceOf(s.Members)
	return s
}

func (w *worker[T]) snapshot(ro *roster[T]) Member {
	m := Member{ID: w.id, Open: ro.isOpen(w.id), Weight: ro.weights[w.id], Exec: w.x.Snapshot()}
	for _, in := range []string{forwardInbox, newInbox} {
		if i := slices.IndexFunc(m.Exec.Inboxes, func(s exec.InboxStats) bool { return s.Name == in }); i >= 0 {
			m.Received += m.Exec.Inboxes[i].Received
		}
	}
	return m
}
