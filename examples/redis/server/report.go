package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// Report is what the server has done so far.
type Report struct {
	Address  string        `json:"address"`
	Uptime   float64       `json:"uptime_seconds"`
	Rejected uint64        `json:"rejected_connections"`
	LogSize  int64         `json:"aof_size"`
	Total    WorkerStats   `json:"total"`
	Workers  []WorkerStats `json:"workers"`
}

// reportLimit is how long a worker has to say what it has done.
const reportLimit = time.Second

// Report asks all workers. It is not for loops.
func (s *Server) Report() Report {
	r := Report{Address: s.Addr(), Uptime: time.Since(s.began).Seconds(), Rejected: s.rejected.Load()}
	if s.file != nil {
		r.LogSize = s.file.Size()
	}
	ctx, cancel := context.WithTimeout(context.Background(), reportLimit)
	defer cancel()
	for i, w := range s.workers {
		stats, err := exec.Call(ctx, s.group.Exec(i), func(*exec.Local) (WorkerStats, error) { return w.stats(), nil })
		if err != nil {
			s.log.Warn("a worker does not say what it has done", "worker", i, "error", err)
		}
		r.Workers = append(r.Workers, stats)
		for j, f := range r.Total.fields() {
			*f += *stats.fields()[j]
		}
	}
	return r
}

// WriteJSON writes the report as one object.
func (r Report) WriteJSON(w io.Writer) {
	_ = json.NewEncoder(w).Encode(r)
}

// WriteText writes it for people.
func (r Report) WriteText(w io.Writer) {
	fmt.Fprintf(w, "%s served %d commands of %d connections in %.1f s; %d keys were left, %d had expired, %d connections were rejected\n",
		r.Address, r.Total.Commands, r.Total.Connections, r.Uptime, r.Total.Keys, r.Total.Expired, r.Rejected)
	if len(r.Workers) == 1 {
		return
	}
	for i, n := range r.Workers {
		fmt.Fprintf(w, "  worker %d: %d keys, %d connections, %d commands, %d parcels to others and back, %d times lent\n",
			i, n.Keys, n.Connections, n.Commands, n.Parcels, n.Lent)
	}
}

// Banner says what the server is, when it has started.
func (s *Server) Banner() string {
	o := s.options.Load()
	text := fmt.Sprintf("ready on %s with %d workers", s.Addr(), len(s.workers))
	if len(s.workers) == 1 {
		text = fmt.Sprintf("ready on %s with 1 worker", s.Addr())
	}
	if s.file != nil {
		text += fmt.Sprintf("; log %s (appendfsync %s), of which %d commands were read", o.AppendFilename, o.AppendFsync, s.loaded.Commands)
	}
	return text
}
