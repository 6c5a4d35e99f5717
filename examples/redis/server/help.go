package server

import (
	"slices"
	"strings"

	"github.com/pushcore/pushcore/examples/redis/command"
	"github.com/pushcore/pushcore/examples/redis/resp"
)

// containers are the commands with subcommands, of which HELP is one.
var containers = []string{"client", "config", "command", "object", "memory", "function"}

// helpCommands are the HELPs of the containers.
func helpCommands() (list []*command.Command) {
	for _, name := range containers {
		list = append(list, &command.Command{Name: name + "|help", Arity: 2})
	}
	return list
}

// help replies with the subcommands that there are, in the form that Redis has for it.
func help(f *flight, args [][]byte) {
	name := strings.ToLower(string(args[0]))
	var subs []string
	for full := range f.w.srv.table.All() {
		if top, sub, ok := strings.Cut(full, "|"); ok && top == name {
			subs = append(subs, strings.ToUpper(sub))
		}
	}
	slices.Sort(subs)
	f.array(1 + len(subs))
	lines := append([]string{strings.ToUpper(name) + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"}, subs...)
	for _, line := range lines {
		f.ctx.Out = resp.AppendSimple(f.ctx.Out, line)
	}
}
