package server

import (
	"strings"

	"github.com/pushcore/pushcore/exec"

	"github.com/pushcore/pushcore/examples/redis/resp"
)

// mute is what CLIENT REPLY has said.
type mute uint8

const (
	speak    mute = iota
	silent        // no replies
	skipNext      // none to the next command
	skipping      // that is this one
)

// request does, or sends away, what one request asks for. If it is to have no reply all that
// was before it is finished first, and it itself before anything else.
func (f *flight) request(co *exec.Co, p *pending, args [][]byte) error {
	if f.s.mute == speak {
		return f.route(co, p, args)
	}
	if err := f.finish(co); err != nil {
		return err
	}
	if f.s.mute == skipNext {
		f.s.mute = skipping
	}
	if err := f.route(co, p, args); err != nil {
		return err
	}
	if len(f.slots) > 0 {
		if err := f.settle(co); err != nil {
			return err
		}
	}
	if f.s.mute != speak {
		f.ctx.Out = f.ctx.Out[:0]
	}
	if f.s.mute == skipping {
		f.s.mute = speak
	}
	return nil
}

func clientReply(f *flight, args [][]byte) {
	switch strings.ToLower(string(args[2])) {
	case "on":
		f.s.mute = speak
		f.ok()
	case "off":
		f.s.mute = silent
	case "skip":
		if f.s.mute != silent {
			f.s.mute = skipNext
		}
	default:
		f.error("ERR syntax error")
	}
}

// noEvict is CLIENT NO-EVICT, and NO-TOUCH: nothing is evicted here.
func noEvict(f *flight, args [][]byte) {
	switch strings.ToLower(string(args[2])) {
	case "on", "off":
		f.ok()
	default:
		f.error("ERR syntax error")
	}
}

// unblock is CLIENT UNBLOCK: there is no command here that blocks.
func unblock(f *flight, args [][]byte) {
	if len(args) > 4 {
		f.error("ERR unknown subcommand or wrong number of arguments for '" + string(args[1]) + "'. Try CLIENT HELP.")
		return
	}
	if len(args) == 4 && !strings.EqualFold(string(args[3]), "timeout") && !strings.EqualFold(string(args[3]), "error") {
		f.error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR")
		return
	}
	if _, ok := resp.ParseInt(args[2]); !ok {
		f.error("ERR value is not an integer or out of range")
		return
	}
	f.int(0)
}

// getRedir and trackingInfo say that no client has its keys tracked.
func getRedir(f *flight, _ [][]byte) { f.int(-1) }

func trackingInfo(f *flight, _ [][]byte) {
	f.mapOf(3)
	f.text("flags")
	f.ctx.Out = resp.AppendSet(f.ctx.Out, f.s.proto, 1)
	f.text("off")
	f.text("redirect")
	f.int(-1)
	f.text("prefixes")
	f.array(0)
}
