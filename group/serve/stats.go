package serve

import (
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
	"github.com/pushcore/pushcore/group"
)

// Stats is what a server has done since it was made.
type Stats struct {
	Net     netio.Stats   // of all workers, and the acceptor, together
	Workers []WorkerStats // in order

	// Where there is an acceptor, all of Net.Accepted were handed to workers or refused.
	Acceptor   *WorkerStats // if it has an Exec of its own
	HandedOver uint64
	Stranded   uint64 // closed because the worker that they were on their way to had ended
}

// WorkerStats is what one worker has done.
type WorkerStats struct {
	Exec exec.Stats
	Net  netio.Stats
}

// Stats returns the counters. Anyone may call it at any time; the sums are of moments close
// to each other, not of one.
func (s *Server) Stats() (t Stats) {
	for i, w := range s.workers {
		t.Workers = append(t.Workers, statsOf(s.group.Exec(i), w.reactor.Load()))
		t.Net.Add(t.Workers[i].Net)
		t.Stranded += w.stranded.Load()
	}
	if a := s.acceptor; a != nil {
		t.HandedOver = a.handed.Load()
		if a.x != nil {
			own := statsOf(a.x, a.r.Load())
			t.Acceptor = &own
			t.Net.Add(own.Net)
		}
	}
	return t
}

func statsOf(x *exec.Exec, r *netio.Reactor) (w WorkerStats) {
	w.Exec = x.Stats()
	if r != nil {
		w.Net = r.Stats()
	}
	return w
}

// Snapshot returns all that is known of the group of workers and of the acceptor, if that has an Exec of its own: it is
// the last member, and not open, because nobody picks it. Anyone may call it at any time.
func (s *Server) Snapshot() group.Snapshot {
	t := s.group.Snapshot()
	if a := s.acceptor; a != nil && a.x != nil {
		t.Members = append(t.Members, group.Member{ID: len(s.workers), Exec: a.x.Snapshot()})
	}
	return t
}
