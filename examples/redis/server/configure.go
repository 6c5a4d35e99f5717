package server

import (
	"fmt"
	"strings"

	"github.com/pushcore/pushcore/examples/redis/command"
	"github.com/pushcore/pushcore/examples/redis/config"
)

// fixed are options of Redis that programs ask for, and that are what they are here: they may
// be set to that, and to nothing else.
var fixed = map[string]string{
	"save": "", "databases": "1", "maxmemory": "0", "maxmemory-policy": "noeviction",
	"requirepass": "", "notify-keyspace-events": "", "daemonize": "no", "cluster-enabled": "no",
}

func configGet(f *flight, args [][]byte) {
	o := f.w.srv.options.Load()
	found := map[string]string{}
	for _, pattern := range args[2:] {
		for _, p := range config.Params {
			if command.Match(pattern, p.Name, true) {
				found[p.Name] = p.Get(o)
			}
		}
		for name, now := range config.Aliases {
			if command.Match(pattern, name, true) {
				found[name] = config.Find(now).Get(o)
			}
		}
		for name, v := range fixed {
			if command.Match(pattern, name, true) {
				found[name] = v
			}
		}
	}
	f.mapOf(len(found))
	for name, v := range found {
		f.text(name)
		f.text(v)
	}
}

func configSet(f *flight, args [][]byte) {
	if len(args)%2 == 1 {
		f.error("ERR syntax error")
		return
	}
	s := f.w.srv
	if fault := settable(s.options.Load(), args[2:]); fault != "" {
		f.error(fault)
		return
	}
	for {
		old := s.options.Load()
		next := *old
		for i := 2; i < len(args); i += 2 {
			p := config.Find(string(args[i]))
			if p == nil || !p.Live {
				continue // it is set to what it is
			}
			if err := p.Set(&next, string(args[i+1])); err != nil {
				f.error(failedToSet(p.Name, err.Error()))
				return
			}
		}
		if s.options.CompareAndSwap(old, &next) {
			s.limit()
			f.ok()
			return
		}
	}
}

// settable returns why the options of some pairs cannot be set.
func settable(o *config.Options, pairs [][]byte) (fault string) {
	seen := map[string]bool{}
	for i := 0; i < len(pairs); i += 2 {
		name, v := strings.ToLower(string(pairs[i])), string(pairs[i+1])
		p := config.Find(name)
		is, isFixed := fixed[name]
		if p != nil {
			is = p.Get(o)
		}
		switch {
		case p == nil && !isFixed:
			return "ERR Unknown option or number of arguments for CONFIG SET - '" + string(pairs[i]) + "'"
		case (p == nil || !p.Live) && v != is:
			return failedToSet(name, "can't set immutable config")
		case seen[name]:
			return failedToSet(name, "duplicate parameter")
		}
		seen[name] = true
	}
	return ""
}

// limit has the shards go by the limits of the options.
func (s *Server) limit() {
	o := s.options.Load()
	s.limits.HashEntries.Store(int64(o.HashEntries))
	s.limits.HashBytes.Store(int64(o.HashBytes))
	s.limits.SetInts.Store(int64(o.SetInts))
}

func failedToSet(name, why string) string {
	return fmt.Sprintf("ERR CONFIG SET failed (possibly related to argument '%s') - %s", name, why)
}

func configRewrite(f *flight, _ [][]byte) {
	if f.w.srv.options.Load().File == "" {
		f.error("ERR The server is running without a config file")
		return
	}
	f.error("ERR Rewriting config file: it is not done by this server")
}
