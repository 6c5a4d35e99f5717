package server

// BreakLog has every write to the log fail from now on.
func (s *Server) BreakLog() { _ = s.file.Close() }

// Spin is what an Exec is told of the option.
var Spin = spin
