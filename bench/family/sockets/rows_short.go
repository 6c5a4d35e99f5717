package sockets

import (
	"slices"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/stat"
)

// shortRounds are the fewest that can be judged.
const shortRounds = stat.LeastRounds

// shorts are the rows of the standard set, which take a minute together: of each kind of server one row of the table,
// with ours and the strongest peers, and of each server one variant. A Go server has two threads, unless it is clearly
// better off with one.
var shorts = []struct {
	name    string // of the row, behind "short/"
	of      string // the row that it is taken from
	amount  int    // wrk's least is a second
	servers []string
}{
	{"httpd/plaintext", "httpd/plaintext/conns=64", 1000, []string{"httpd-procs=2", "gnet-procs=2", "fasthttp-procs=1"}},
	{"redis/set", "redis/set/P=1", 400, []string{"redis-procs=2", "redis-server"}},
	{"proxy/echo=1KB", "proxy/echo=1KB", 400, []string{"proxy-procs=2", "haproxy"}},
	{"udp/echo=64B", "udp/echo=64B", 400, []string{"netio-procs=2", "udpconn-procs=2"}},
}

// shortRows takes those rows from all.
func shortRows(all []row) (rows []row) {
	for _, s := range shorts {
		r := all[slices.IndexFunc(all, func(r row) bool { return r.name == s.of })]
		r.name, r.short, r.amount, r.rounds = "short/"+s.name, true, s.amount, shortRounds
		has := map[string]bool{}
		r.servers = slices.DeleteFunc(slices.Clone(r.servers), func(sv server) bool {
			return !slices.Contains(s.servers, sv.label())
		})
		for _, sv := range r.servers {
			has[sv.name] = true
		}
		r.wants = slices.DeleteFunc(slices.Clone(r.wants), func(w measure.Want) bool {
			return !has[w.Ours] || !has[w.Peer]
		})
		rows = append(rows, r)
	}
	return rows
}
