package serve

// Open returns how many connections the acceptor takes the workers to have.
func (s *Server) Open() (n int) {
	n = int(s.acceptor.handed.Load())
	for _, w := range s.workers {
		n -= int(w.over.Load())
	}
	return n
}
