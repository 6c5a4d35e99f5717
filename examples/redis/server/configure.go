package server

import (
	"fmt"
	"strings"

	"github.com/pushcore/pushcore/examples/redis/command"
	"github.com/pushcore/pushcore/examples/redis/config"
)

// fixed are options of Redis that programs ask for, and that are what they are here.
var fixed = map[string]string{"save": "", "databases": "1", "maxmemory": "0", "maxmemory-policy": "noeviction"}

func configGet(f *flight, args [][]byte) {
	o := f.w.srv.options.Load()
	found := map[string]string{}
	for _, pattern := range args[2:] {
		for _, p := range config.Params {
			if command.Match(pattern, p.Name, true) {
				found[p.Name] = p.Get(o)
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
	if fault := settable(args[2:]); fault != "" {
		f.error(fault)
		return
	}
	s := f.w.srv
	for {
		old := s.options.Load()
		next := *old
		for i := 2; i < len(args); i += 2 {
			p := config.Find(string(args[i]))
			if err := p.Set(&next, string(args[i+1])); err != nil {
				f.error(failedToSet(p.Name, err.Error()))
				return
			}
		}
		if s.options.CompareAndSwap(old, &next) {
			f.ok()
			return
		}
	}
}

// settable returns why the options of some pairs cannot be set, whatever the values.
func settable(pairs [][]byte) (fault string) {
	seen := map[string]bool{}
	for i := 0; i < len(pairs); i += 2 {
		name := strings.ToLower(string(pairs[i]))
		p := config.Find(name)
		_, isFixed := fixed[name]
		switch {
		case p == nil && !isFixed:
			return "ERR Unknown option or number of arguments for CONFIG SET - '" + string(pairs[i]) + "'"
		case p == nil || !p.Live:
			return failedToSet(name, "can't set immutable config")
		case seen[name]:
			return failedToSet(name, "duplicate parameter")
		}
		seen[name] = true
	}
	return ""
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
