package server

import (
	"math"
	"strconv"
	"strings"

	"github.com/pushcore/pushcore/examples/redis/command"
	"github.com/pushcore/pushcore/examples/redis/resp"
)

// Version is the one of Redis whose commands these are.
const Version = "7.0.15"

func (f *flight) text(s string)  { f.ctx.Out = resp.AppendBulk(f.ctx.Out, s) }
func (f *flight) error(s string) { f.ctx.Out = resp.AppendError(f.ctx.Out, s) }
func (f *flight) int(n int64)    { f.ctx.Out = resp.AppendInt(f.ctx.Out, n) }
func (f *flight) array(n int)    { f.ctx.Out = resp.AppendArray(f.ctx.Out, n) }
func (f *flight) mapOf(n int)    { f.ctx.Out = resp.AppendMap(f.ctx.Out, f.s.proto, n) }
func (f *flight) ok()            { f.ctx.Out = append(f.ctx.Out, resp.OK...) }

func replyOK(f *flight, _ [][]byte) { f.ok() }

func ping(f *flight, args [][]byte) {
	switch len(args) {
	case 1:
		f.ctx.Out = append(f.ctx.Out, resp.Pong...)
	case 2:
		f.ctx.Out = resp.AppendBulk(f.ctx.Out, args[1])
	default:
		f.error(command.ErrArity("ping"))
	}
}

func echo(f *flight, args [][]byte) { f.ctx.Out = resp.AppendBulk(f.ctx.Out, args[1]) }

func quit(f *flight, _ [][]byte) {
	f.s.closing = true
	f.ok()
}

func reset(f *flight, _ [][]byte) {
	f.s.proto, f.s.name, f.s.mute = resp.V2, "", speak
	f.ctx.Out = resp.AppendSimple(f.ctx.Out, "RESET")
}

func selectDB(f *flight, args [][]byte) {
	n, ok := resp.ParseInt(args[1])
	switch {
	case !ok:
		f.error("ERR value is not an integer or out of range")
	case n < math.MinInt32 || n > math.MaxInt32:
		f.error("ERR value is out of range, value must between -2147483648 and 2147483647")
	case n != 0:
		f.error("ERR DB index is out of range")
	default:
		f.ok()
	}
}

func timeNow(f *flight, _ [][]byte) {
	ms := f.ctx.Now()
	f.array(2)
	f.text(strconv.FormatInt(ms/1000, 10))
	f.text(strconv.FormatInt(ms%1000*1000, 10))
}

func hello(f *flight, args [][]byte) {
	proto := f.s.proto
	if len(args) > 1 {
		n, ok := resp.ParseInt(args[1])
		if !ok {
			f.error("ERR Protocol version is not an integer or out of range")
			return
		}
		if n != resp.V2 && n != resp.V3 {
			f.error("NOPROTO unsupported protocol version")
			return
		}
		proto = int(n)
	}
	name := f.s.name
	for i := 2; i < len(args); i++ {
		switch opt, more := strings.ToUpper(string(args[i])), len(args)-1-i; {
		case opt == "AUTH" && more >= 2:
			if string(args[i+1]) != "default" {
				f.error(wrongPass)
				return
			}
			i += 2
		case opt == "SETNAME" && more >= 1:
			i++
			if name = string(args[i]); !validName(name) {
				f.error(badName)
				return
			}
		default:
			f.error("ERR Syntax error in HELLO option '" + string(args[i]) + "'")
			return
		}
	}
	f.s.proto, f.s.name = proto, name
	f.mapOf(7)
	f.text("server")
	f.text("redis")
	f.text("version")
	f.text(Version)
	f.text("proto")
	f.int(int64(proto))
	f.text("id")
	f.int(int64(f.s.id))
	f.text("mode")
	f.text("standalone")
	f.text("role")
	f.text("master")
	f.text("modules")
	f.array(0)
}

const wrongPass = "WRONGPASS invalid username-password pair or user is disabled."

// auth answers as a server without passwords does.
func auth(f *flight, args [][]byte) {
	switch {
	case len(args) > 3:
		f.error("ERR syntax error")
	case len(args) == 2:
		f.error("ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?")
	case string(args[1]) == "default":
		f.ok()
	default:
		f.error(wrongPass)
	}
}
