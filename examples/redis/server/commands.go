package server

import (
	"github.com/pushcore/pushcore/examples/redis/command"
	"github.com/pushcore/pushcore/examples/redis/resp"
)

var flagNames = []struct {
	flag command.Flags
	name string
}{
	{command.Write, "write"}, {command.ReadOnly, "readonly"}, {command.DenyOOM, "denyoom"}, {command.Admin, "admin"},
	{command.NoAuth, "no_auth"}, {command.Fast, "fast"}, {command.Movable, "movablekeys"},
}

// listed are the commands that COMMAND shows: no subcommands.
func (f *flight) listed() (list []*command.Command) {
	for _, cmd := range f.w.srv.table.All() {
		if f.w.srv.table.Top(cmd) {
			list = append(list, cmd)
		}
	}
	return list
}

func commandAll(f *flight, _ [][]byte) {
	list := f.listed()
	f.array(len(list))
	for _, cmd := range list {
		f.describe(cmd)
	}
}

func commandCount(f *flight, _ [][]byte) { f.int(int64(len(f.listed()))) }

func commandInfo(f *flight, args [][]byte) {
	if len(args) == 2 {
		commandAll(f, args)
		return
	}
	f.array(len(args) - 2)
	for _, name := range args[2:] {
		if cmd := f.w.srv.table.Find(name); cmd != nil {
			f.describe(cmd)
		} else {
			f.ctx.Out = resp.AppendNullArray(f.ctx.Out, f.s.proto)
		}
	}
}

// describe replies with what is known of a command: name, arity, flags, where its keys are.
// What Redis adds to that, ACL categories, hints, key specifications and subcommands, is empty.
func (f *flight) describe(cmd *command.Command) {
	f.array(10)
	f.text(cmd.Name)
	f.int(int64(cmd.Arity))
	var names []string
	for _, n := range flagNames {
		if cmd.Flags&n.flag != 0 {
			names = append(names, n.name)
		}
	}
	f.ctx.Out = resp.AppendSet(f.ctx.Out, f.s.proto, len(names))
	for _, name := range names {
		f.ctx.Out = resp.AppendSimple(f.ctx.Out, name)
	}
	f.int(int64(cmd.First))
	f.int(int64(cmd.Last))
	f.int(int64(cmd.Step))
	f.ctx.Out = resp.AppendSet(f.ctx.Out, f.s.proto, 0)
	f.array(0)
	f.array(0)
	f.array(0)
}

// commandDocs replies with names and nothing about them: there are no documents here.
func commandDocs(f *flight, args [][]byte) {
	list := f.listed()
	if len(args) > 2 {
		list = list[:0]
		for _, name := range args[2:] {
			if cmd := f.w.srv.table.Find(name); cmd != nil {
				list = append(list, cmd)
			}
		}
	}
	f.mapOf(len(list))
	for _, cmd := range list {
		f.text(cmd.Name)
		f.mapOf(0)
	}
}
