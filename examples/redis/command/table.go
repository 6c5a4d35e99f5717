package command

import (
	"bytes"
	"strings"
)

// Flags say what a command is like, as COMMAND tells it.
type Flags uint16

const (
	Write    Flags = 1 << iota
	ReadOnly       // it changes nothing
	DenyOOM        // it may need more memory
	Fast           // O(1), or O(log n)
	Admin
	NoAuth
	Movable // its keys are not at fixed places
)

// Gathering is how the reply of a command whose keys are in several shards is made of the
// replies of the shards, each of which is asked for its own keys.
type Gathering uint8

const (
	Together Gathering = iota // it is not: all keys must be in one place
	Sum                       // of integers
	Values                    // an array with an element for each key
	AllOK                     // one OK
	Concat                    // of arrays
	AnyOne                    // that is not null
	Lines                     // one text of all
	Own                       // the server's
)

// Command is one that the server knows.
type Command struct {
	Name  string // in lower case; of a subcommand, as in "client|id"
	Arity int    // number of arguments with the name; negative: at least
	Flags Flags
	// First, Last and Step are where its keys are among the arguments. A First of 0 means
	// that it has none, a negative Last counts from the end.
	First, Last, Step int

	Gather    Gathering
	Shards    bool // it has no key: it is for all shards
	Container bool // it has subcommands
	// Run executes it. It is nil for what the server does itself.
	Run func(c *Ctx)
}

// Fits reports whether n arguments, with the name, may be right.
func (cmd *Command) Fits(n int) bool {
	return n == cmd.Arity || cmd.Arity < 0 && n >= -cmd.Arity
}

// Keys returns where the keys of a request are: every step-th from first up to last. An
// empty range means that it has none, or that Run will find what is wrong with it.
func (cmd *Command) Keys(args [][]byte) (first, last, step int) {
	if cmd.Flags&Movable != 0 {
		return numbered(args)
	}
	if cmd.First == 0 {
		return 1, 0, 1
	}
	last = cmd.Last
	if last < 0 {
		last += len(args)
	}
	return cmd.First, last, cmd.Step
}

// Table has the commands by their names.
type Table struct{ byName map[string]*Command }

// NewTable returns a table of the commands of this package and of others.
func NewTable(others ...*Command) *Table {
	t := &Table{byName: map[string]*Command{}}
	for _, list := range [][]*Command{stringCommands, keyCommands, listCommands, hashCommands, setCommands, positionCommands, lcsCommands, objectCommands, others} {
		for _, cmd := range list {
			t.byName[cmd.Name] = cmd
		}
	}
	return t
}

// maxName is how long a name may be.
const maxName = 32

// Find returns the command of a name in any case, or nil. It does not allocate.
func (t *Table) Find(name []byte) *Command {
	var lower [maxName]byte
	if len(name) > maxName {
		return nil
	}
	for i, ch := range name {
		if ch >= 'A' && ch <= 'Z' {
			ch += 'a' - 'A'
		}
		lower[i] = ch
	}
	return t.byName[string(lower[:len(name)])]
}

// Request finds the command of a request: that of the subcommand, if it has one. If there is
// none, or it has not as many arguments, the error is the reply.
func (t *Table) Request(args [][]byte) (cmd *Command, fault string) {
	cmd = t.Find(args[0])
	if cmd == nil || !t.Top(cmd) {
		return nil, ErrUnknown(args)
	}
	if cmd.Container && len(args) > 1 {
		if cmd = t.Find(append(append(bytes.Clone(args[0]), '|'), args[1]...)); cmd == nil {
			return nil, ErrSubcommand(args)
		}
	}
	if !cmd.Fits(len(args)) {
		return nil, ErrArity(cmd.Name)
	}
	return cmd, ""
}

// Top reports whether cmd is no subcommand.
func (t *Table) Top(cmd *Command) bool { return !strings.ContainsRune(cmd.Name, '|') }

// All returns the commands, in no order.
func (t *Table) All() map[string]*Command { return t.byName }
