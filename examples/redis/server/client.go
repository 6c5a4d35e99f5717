package server

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pushcore/pushcore/examples/redis/command"
	"github.com/pushcore/pushcore/examples/redis/resp"
)

const badName = "ERR Client names cannot contain spaces, newlines or special characters."

// validName reports whether a client may have a name.
func validName(name string) bool {
	for i := range len(name) {
		if name[i] < '!' || name[i] > '~' {
			return false
		}
	}
	return true
}

func clientID(f *flight, _ [][]byte) { f.int(int64(f.s.id)) }

func clientSetName(f *flight, args [][]byte) {
	if !validName(string(args[2])) {
		f.error(badName)
		return
	}
	f.s.name = string(args[2])
	f.ok()
}

func clientGetName(f *flight, _ [][]byte) {
	if f.s.name == "" {
		f.ctx.Out = resp.AppendNull(f.ctx.Out, f.s.proto)
	} else {
		f.text(f.s.name)
	}
}

func clientInfo(f *flight, _ [][]byte) {
	f.ctx.Out = resp.AppendVerbatim(f.ctx.Out, f.s.proto, f.s.line())
}

// line describes a session as CLIENT LIST does.
func (s *session) line() string {
	now, cmd := s.w.l.Now(), "NULL"
	if s.last != nil {
		cmd = s.last.Name
	}
	return fmt.Sprintf("id=%d addr=%s laddr=%s name=%s age=%d idle=%d flags=N db=0 sub=0 psub=0 ssub=0 multi=-1 qbuf=%d io-thread=%d cmd=%s user=default redir=-1 resp=%d\n",
		s.id, s.c.RemoteAddr(), s.c.LocalAddr(), s.name, (now-s.began)/time.Second, (now-s.active)/time.Second, s.c.Buffered(), s.w.id, cmd, s.proto)
}

// listHere is the part of CLIENT LIST that is about one worker's clients.
func listHere(c *command.Ctx) {
	w := c.Host.(*worker)
	match, fault := clientFilter(c.Args[2:])
	if fault != "" {
		c.Out = resp.AppendError(c.Out, fault)
		return
	}
	var text strings.Builder
	for _, s := range w.sessions {
		if match(s) {
			text.WriteString(s.line())
		}
	}
	c.Out = resp.AppendBulk(c.Out, text.String())
}

// clientFilter reads the filters of CLIENT LIST and CLIENT KILL.
func clientFilter(args [][]byte) (match func(*session) bool, fault string) {
	ids, addr, anyID := map[uint64]bool{}, "", true
	for len(args) > 0 {
		opt := strings.ToUpper(string(args[0]))
		switch {
		case opt == "ID" && len(args) > 1:
			anyID, args = false, args[1:]
			for len(args) > 0 {
				id, ok := resp.ParseInt(args[0])
				if !ok {
					break
				}
				if id < 1 {
					return nil, "ERR Invalid client ID"
				}
				ids[uint64(id)] = true
				args = args[1:]
			}
			if len(ids) == 0 {
				return nil, "ERR Invalid client ID"
			}
		case opt == "ADDR" && len(args) > 1:
			addr, args = string(args[1]), args[2:]
		case opt == "TYPE" && len(args) > 1 && strings.EqualFold(string(args[1]), "normal"):
			args = args[2:]
		case opt == "SKIPME" && len(args) > 1:
			args = args[2:]
		default:
			return nil, "ERR syntax error"
		}
	}
	return func(s *session) bool {
		return (anyID || ids[s.id]) && (addr == "" || s.c.RemoteAddr().String() == addr)
	}, ""
}

// withCaller adds the number of who asks to the arguments of CLIENT KILL, for its parts.
func (f *flight) withCaller(args [][]byte) [][]byte {
	return append(slices.Clone(args), strconv.AppendUint(nil, f.s.id, 10))
}

// killHere is the part of CLIENT KILL that is about one worker's clients. Those that are in
// the middle of a command do not see its reply, but for who asks: it is closed after that, and
// only if it is meant.
func killHere(c *command.Ctx) {
	w := c.Host.(*worker)
	last := len(c.Args) - 1
	caller, _ := resp.ParseInt(c.Args[last])
	args, spare := c.Args[2:last], true
	if len(args) == 1 {
		args, spare = [][]byte{[]byte("ADDR"), args[0]}, false
	}
	for i := 0; i+1 < len(args); i++ {
		if strings.EqualFold(string(args[i]), "SKIPME") {
			spare = !strings.EqualFold(string(args[i+1]), "no")
		}
	}
	match, fault := clientFilter(args)
	if fault != "" {
		c.Out = resp.AppendError(c.Out, fault)
		return
	}
	n := int64(0)
	for _, s := range w.sessions {
		self := s.id == uint64(caller)
		if !match(s) || self && spare {
			continue
		}
		n++
		if self {
			s.closing = true
		} else {
			_ = s.c.Close()
		}
	}
	c.Out = resp.AppendInt(c.Out, n)
}

// mergeKill makes the reply of CLIENT KILL: the old form has an OK or an error.
func mergeKill(_ *Server, b []byte, g *gather, parts [][]byte) []byte {
	sum := int64(0)
	for _, p := range parts {
		n, _ := resp.Header(p)
		sum += n
	}
	switch {
	case len(g.args) > 3:
		return resp.AppendInt(b, sum)
	case sum == 0:
		return resp.AppendError(b, "ERR No such client")
	}
	return append(b, resp.OK...)
}
