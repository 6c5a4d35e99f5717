package server

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/pushcore/pushcore/examples/redis/command"
	"github.com/pushcore/pushcore/examples/redis/resp"
)

// WorkerStats is what one worker says of itself. All counts only grow, but for Keys, Expiring
// and Clients, which are of now.
type WorkerStats struct {
	Keys        int64 `json:"keys"`
	Expiring    int64 `json:"expiring"`
	Clients     int64 `json:"clients"`
	Commands    int64 `json:"commands"`
	Connections int64 `json:"connections"`
	Errors      int64 `json:"errors"`
	Expired     int64 `json:"expired"`
	Parcels     int64 `json:"parcels"`
	Lent        int64 `json:"lent"`
	BytesIn     int64 `json:"bytes_in"`
	BytesOut    int64 `json:"bytes_out"`
}

func (s *WorkerStats) fields() []*int64 {
	return []*int64{&s.Keys, &s.Expiring, &s.Clients, &s.Commands, &s.Connections, &s.Errors,
		&s.Expired, &s.Parcels, &s.Lent, &s.BytesIn, &s.BytesOut}
}

// stats is called on the loop.
func (w *worker) stats() WorkerStats {
	net := w.r.Stats()
	n := w.counts
	return WorkerStats{
		Keys: int64(w.db.Len()), Expiring: int64(w.db.Expiring()), Clients: int64(len(w.sessions)),
		Commands: int64(n.commands), Connections: int64(n.connections), Errors: int64(n.errors),
		Expired: int64(n.expired), Parcels: int64(n.parcels), Lent: int64(n.lent),
		BytesIn: int64(net.BytesIn), BytesOut: int64(net.BytesOut),
	}
}

// infoHere is the part of INFO that one worker knows.
func infoHere(c *command.Ctx) {
	s := c.Host.(*worker).stats()
	fields := s.fields()
	c.Out = resp.AppendArray(c.Out, len(fields))
	for _, f := range fields {
		c.Out = resp.AppendInt(c.Out, *f)
	}
}

// mergeInfo makes the text of what all workers know.
func mergeInfo(s *Server, b []byte, g *gather, parts [][]byte) []byte {
	workers := make([]WorkerStats, len(parts))
	for i, p := range parts {
		_, at := resp.Header(p)
		for _, f := range workers[i].fields() {
			n, size := resp.Header(p[at:])
			*f = n
			at += size
		}
	}
	return resp.AppendVerbatim(b, g.proto, s.info(g.args[1:], workers))
}

// info is the text of INFO with some sections, or all.
func (s *Server) info(sections []string, workers []WorkerStats) string {
	var sum WorkerStats
	for i := range workers {
		for j, f := range sum.fields() {
			*f += *workers[i].fields()[j]
		}
	}
	o := s.options.Load()
	var text strings.Builder
	section := func(name string, lines ...any) {
		wanted := len(sections) == 0
		for _, w := range sections {
			w = strings.ToLower(w)
			wanted = wanted || w == strings.ToLower(name) || w == "all" || w == "everything" || w == "default"
		}
		if !wanted {
			return
		}
		if text.Len() > 0 {
			text.WriteString("\r\n")
		}
		fmt.Fprintf(&text, "# %s\r\n", name)
		for i := 0; i < len(lines); i += 2 {
			fmt.Fprintf(&text, "%s:%v\r\n", lines[i], lines[i+1])
		}
	}
	up := int64(time.Since(s.began) / time.Second)
	section("Server", "redis_version", Version, "redis_mode", "standalone", "run_id", s.runID, "multiplexing_api", "epoll", "os", runtime.GOOS, "arch_bits", 32<<(^uint(0)>>63),
		"process_id", os.Getpid(), "tcp_port", s.port, "uptime_in_seconds", up, "uptime_in_days", up/86400,
		"io_threads_active", len(workers), "config_file", o.File)
	section("Clients", "connected_clients", sum.Clients, "maxclients", o.MaxClients, "blocked_clients", 0)
	section("Memory", s.memory()...)
	var size int64
	if s.file != nil {
		size = s.file.Size()
	}
	section("Persistence", "loading", 0, "rdb_bgsave_in_progress", 0, "aof_rewrite_in_progress", 0, "aof_enabled", bit(o.AppendOnly), "aof_current_size", size)
	section("Stats", "total_connections_received", sum.Connections, "total_commands_processed", sum.Commands,
		"total_net_input_bytes", sum.BytesIn, "total_net_output_bytes", sum.BytesOut,
		"rejected_connections", s.rejected.Load(), "expired_keys", sum.Expired, "evicted_keys", 0, "total_error_replies", sum.Errors)
	section("Replication", "role", "master", "connected_slaves", 0, "master_repl_offset", 0)
	section("CPU", cpuTimes()...)
	var perWorker []any
	for i, w := range workers {
		perWorker = append(perWorker, fmt.Sprintf("worker%d", i),
			fmt.Sprintf("keys=%d,clients=%d,commands=%d,parcels=%d,lent=%d", w.Keys, w.Clients, w.Commands, w.Parcels, w.Lent))
	}
	section("Workers", perWorker...)
	section("Cluster", "cluster_enabled", 0)
	if sum.Keys > 0 {
		section("Keyspace", "db0", fmt.Sprintf("keys=%d,expires=%d,avg_ttl=0", sum.Keys, sum.Expiring))
	} else {
		section("Keyspace")
	}
	return text.String()
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// memory is what the runtime counts. It does not stop the loops.
func (s *Server) memory() []any {
	heap, total := heapBytes()
	return []any{"used_memory", heap, "used_memory_human", human(heap), "used_memory_rss", total, "used_memory_rss_human", human(total), "maxmemory", 0, "maxmemory_human", human(0), "maxmemory_policy", "noeviction", "mem_allocator", "go"}
}
