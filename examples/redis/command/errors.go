package command

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/pushcore/pushcore/examples/redis/resp"
)

// The errors of Redis.
const (
	errWrongType  = "WRONGTYPE Operation against a key holding the wrong kind of value"
	errSyntax     = "ERR syntax error"
	errInteger    = "ERR value is not an integer or out of range"
	errFloat      = "ERR value is not a valid float"
	errNoKey      = "ERR no such key"
	errIndex      = "ERR index out of range"
	errOffset     = "ERR offset is out of range"
	errOverflow   = "ERR increment or decrement would overflow"
	errDecrement  = "ERR decrement would overflow"
	errNaN        = "ERR increment would produce NaN or Infinity"
	errPositive   = "ERR value is out of range, must be positive"
	errRange      = "ERR value is out of range"
	errTooLong    = "ERR string exceeds maximum allowed size (proto-max-bulk-len)"
	errCursor     = "ERR invalid cursor"
	errHashInt    = "ERR hash value is not an integer"
	errHashFloat  = "ERR hash value is not a float"
	errValueNaN   = "ERR value is NaN or Infinity"
	errSameObject = "ERR source and destination objects are the same"
	errDB         = "ERR DB index is out of range"
)

// ErrArity is the reply to a wrong number of arguments.
func ErrArity(name string) string {
	return "ERR wrong number of arguments for '" + name + "' command"
}

// ErrUnknown is the reply to a command that does not exist.
func ErrUnknown(args [][]byte) string {
	var list strings.Builder
	for _, a := range args[1:] {
		if list.Len() >= 128 {
			break
		}
		fmt.Fprintf(&list, "'%s' ", cString(a, 128-list.Len()))
	}
	return fmt.Sprintf("ERR unknown command '%s', with args beginning with: %s", cString(args[0], 128), list.String())
}

// ErrSubcommand is the reply to a subcommand that does not exist.
func ErrSubcommand(args [][]byte) string {
	return fmt.Sprintf("ERR unknown subcommand '%s'. Try %s HELP.", cString(args[1], 128), strings.ToUpper(string(args[0])))
}

// cString is what C prints of b with a limit: it ends at a zero.
func cString(b []byte, most int) []byte {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return b[:min(len(b), most)]
}

// errExpire is the reply to a time that is none.
func (c *Ctx) errExpire() { c.fail("ERR invalid expire time in '" + c.cmd.Name + "' command") }

// integer reads an argument. It replies and returns false if it is none.
func (c *Ctx) integer(arg []byte) (int64, bool) {
	n, ok := resp.ParseInt(arg)
	if !ok {
		c.fail(errInteger)
	}
	return n, ok
}

// positive reads an argument that must not be negative.
func (c *Ctx) positive(arg []byte) (int64, bool) {
	n, ok := resp.ParseInt(arg)
	if !ok || n < 0 {
		c.fail(errPositive)
		return 0, false
	}
	return n, true
}

// is reports whether an argument is a word, in any case. The word is in upper case.
func is(arg []byte, word string) bool {
	if len(arg) != len(word) {
		return false
	}
	for i := range len(word) {
		ch := arg[i]
		if ch >= 'a' && ch <= 'z' {
			ch -= 'a' - 'A'
		}
		if ch != word[i] {
			return false
		}
	}
	return true
}
