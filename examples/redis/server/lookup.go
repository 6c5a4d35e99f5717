package server

import (
	"strings"

	"github.com/pushcore/pushcore/examples/redis/command"
)

// commandList replies with names, those of subcommands too, and all or those that a filter
// picks.
func commandList(f *flight, args [][]byte) {
	pick := func(*command.Command) bool { return true }
	if len(args) > 2 {
		if len(args) != 5 || !strings.EqualFold(string(args[2]), "filterby") {
			f.error("ERR syntax error")
			return
		}
		switch strings.ToLower(string(args[3])) {
		case "module": // there is none
			pick = func(*command.Command) bool { return false }
		case "aclcat":
			pick = func(cmd *command.Command) bool { return inCategory(cmd, strings.ToLower(string(args[4]))) }
		case "pattern":
			pick = func(cmd *command.Command) bool { return command.Match(args[4], cmd.Name, true) }
		default:
			f.error("ERR syntax error")
			return
		}
	}
	var names []string
	for _, cmd := range f.w.srv.table.All() {
		if pick(cmd) {
			names = append(names, cmd.Name)
		}
	}
	f.array(len(names))
	for _, name := range names {
		f.text(name)
	}
}

// inCategory reports whether a command is of one of the categories that follow from its flags.
func inCategory(cmd *command.Command, category string) bool {
	switch category {
	case "read":
		return cmd.Flags&command.ReadOnly != 0
	case "write":
		return cmd.Flags&command.Write != 0
	case "fast":
		return cmd.Flags&command.Fast != 0
	case "slow":
		return cmd.Flags&command.Fast == 0
	case "admin", "dangerous":
		return cmd.Flags&command.Admin != 0
	}
	return false
}

// commandGetKeys replies with the keys of the request that its arguments are.
func commandGetKeys(f *flight, args [][]byte) {
	args = args[2:]
	table := f.w.srv.table
	cmd := table.Find(args[0])
	if cmd != nil && cmd.Container && len(args) > 1 {
		cmd = table.Find([]byte(string(args[0]) + "|" + string(args[1])))
	}
	switch {
	case cmd == nil:
		f.error("ERR Invalid command specified")
		return
	case cmd.First == 0 && cmd.Flags&command.Movable == 0:
		f.error("ERR The command has no key arguments")
		return
	case !cmd.Fits(len(args)):
		f.error("ERR Invalid number of arguments specified for command")
		return
	}
	first, last, step := cmd.Keys(args)
	if last < first {
		f.error("ERR Invalid arguments specified for command")
		return
	}
	f.array((last-first)/step + 1)
	for i := first; i <= last; i += step {
		f.text(string(args[i]))
	}
}
