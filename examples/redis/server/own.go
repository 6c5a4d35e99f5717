package server

import (
	"github.com/pushcore/pushcore/examples/redis/command"
)

// own are commands that are about the connection or the process: they are done where the
// connection is.
var own map[string]func(f *flight, args [][]byte)

func init() {
	own = map[string]func(*flight, [][]byte){
		"ping": ping, "echo": echo, "quit": quit, "reset": reset, "select": selectDB, "time": timeNow,
		"hello": hello, "auth": auth,
		"client|id": clientID, "client|setname": clientSetName, "client|getname": clientGetName,
		"client|info": clientInfo, "client|setinfo": replyOK, "client|no-evict": noEvict, "client|no-touch": noEvict,
		"client|reply": clientReply, "client|unblock": unblock, "client|getredir": getRedir, "client|trackinginfo": trackingInfo,
		"config|get": configGet, "config|set": configSet, "config|resetstat": replyOK, "config|rewrite": configRewrite,
		"command": commandAll, "command|count": commandCount, "command|info": commandInfo, "command|docs": commandDocs,
		"command|list": commandList, "command|getkeys": commandGetKeys,
		"function|flush": replyOK, // there are none
	}
	for _, cmd := range helpCommands() {
		own[cmd.Name] = help
	}
}

// mergers make the replies of commands of the server's own whose parts come from all workers.
var mergers = map[string]func(s *Server, b []byte, g *gather, parts [][]byte) []byte{
	"info": mergeInfo, "client|kill": mergeKill,
}

// ownCommands is their part of the table.
func ownCommands() []*command.Command {
	const fast = command.Fast | command.NoAuth
	return []*command.Command{
		{Name: "scan", Arity: -2, Flags: command.ReadOnly, Run: scanHere},
		{Name: "ping", Arity: -1, Flags: command.Fast},
		{Name: "echo", Arity: 2, Flags: command.Fast},
		{Name: "quit", Arity: -1, Flags: fast},
		{Name: "reset", Arity: 1, Flags: fast},
		{Name: "select", Arity: 2, Flags: command.Fast},
		{Name: "time", Arity: 1, Flags: command.Fast},
		{Name: "hello", Arity: -1, Flags: fast},
		{Name: "auth", Arity: -2, Flags: fast},
		{Name: "info", Arity: -1, Shards: true, Gather: command.Own, Run: infoHere},
		{Name: "client", Arity: -2, Container: true},
		{Name: "client|id", Arity: 2},
		{Name: "client|setname", Arity: 3},
		{Name: "client|getname", Arity: 2},
		{Name: "client|info", Arity: 2},
		{Name: "client|setinfo", Arity: 4},
		{Name: "client|no-evict", Arity: 3, Flags: command.Admin},
		{Name: "client|no-touch", Arity: 3},
		{Name: "client|reply", Arity: 3},
		{Name: "client|unblock", Arity: -3, Flags: command.Admin},
		{Name: "client|getredir", Arity: 2},
		{Name: "client|trackinginfo", Arity: 2},
		{Name: "client|list", Arity: -2, Flags: command.Admin, Shards: true, Gather: command.Lines, Run: listHere},
		{Name: "client|kill", Arity: -3, Flags: command.Admin, Shards: true, Gather: command.Own, Run: killHere},
		{Name: "config", Arity: -2, Container: true},
		{Name: "config|get", Arity: -3, Flags: command.Admin},
		{Name: "config|set", Arity: -4, Flags: command.Admin},
		{Name: "config|resetstat", Arity: 2, Flags: command.Admin},
		{Name: "config|rewrite", Arity: 2, Flags: command.Admin},
		{Name: "command", Arity: -1, Container: true},
		{Name: "command|count", Arity: 2},
		{Name: "command|info", Arity: -2},
		{Name: "command|docs", Arity: -2},
		{Name: "command|list", Arity: -2},
		{Name: "command|getkeys", Arity: -4},
		{Name: "function", Arity: -2, Container: true},
		{Name: "function|flush", Arity: -2, Flags: command.Write},
	}
}
