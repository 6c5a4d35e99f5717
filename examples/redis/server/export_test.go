package server

import (
	"time"

	"github.com/pushcore/pushcore/examples/redis/config"
)

// BreakLog has every write to the log fail from now on.
func (s *Server) BreakLog() { _ = s.file.Close() }

// Spin is what an Exec is told of the option.
func Spin(o *config.Options) time.Duration { return execConfig(o, nil).Spin }
