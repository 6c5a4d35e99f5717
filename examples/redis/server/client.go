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
	in := s.c.Buffered()
	return fmt.Sprintf("id=%d addr=%s laddr=%s fd=-1 name=%s age=%d idle=%d flags=N db=0 sub=0 psub=0 ssub=0 multi=-1 qbuf=%d qbuf-free=%d argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 omem=0 tot-mem=%d events=r cmd=%s user=default redir=-1 resp=%d\n",
		s.id, s.c.RemoteAddr(), s.c.LocalAddr(), s.name, (now-s.began)/time.Second, (now-s.active)/time.Second, in, max(readBuffer-in, 0), max(readBuffer, in), cmd, s.proto)
}

// listHere is the part of CLIENT LIST that is about one worker's clients.
func listHere(c *command.Ctx) {
	w := c.Host.(*worker)
	match, fault := listFilter(c.Args[2:])
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
	k, fault := killFilter(c.Args[2:last])
	if fault != "" {
		c.Out = resp.AppendError(c.Out, fault)
		return
	}
	n := int64(0)
	for _, s := range w.sessions {
		self := s.id == uint64(caller)
		if !k.match(s) || self && k.spare {
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
