package http1

// Stats is what a Server has done. All counts only grow.
type Stats struct {
	Requests uint64 `json:"requests"` // that were answered, or begun to be
	Bad      uint64 `json:"bad"`      // of these: answered with an error by the server itself
	Failed   uint64 `json:"failed"`   // handlers that returned an error or panicked
	Busy     uint64 `json:"busy"`     // requests refused with 503: no goroutine, too many wait
	Gone     uint64 `json:"gone"`     // clients that went away, or took too long, in a request
	Cut      uint64 `json:"cut"`      // clients that were in a request when a drain had no more time
}

// Add adds what another Server has done.
func (s *Stats) Add(o Stats) {
	s.Requests += o.Requests
	s.Bad += o.Bad
	s.Failed += o.Failed
	s.Busy += o.Busy
	s.Gone += o.Gone
	s.Cut += o.Cut
}

// Stats returns the counts. It is called on the loop, or when that has ended.
func (s *Server) Stats() Stats { return s.stats }
