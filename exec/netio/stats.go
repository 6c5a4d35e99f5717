package netio

import (
	"reflect"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/internal/mem"
)

// Stats is what a Reactor has done since it was made. All counts only grow, but for Conns,
// Waiting and Pipes, which are of now.
type Stats struct {
	Conns   int // open, packet sockets included
	Waiting int // of these: without a coroutine, because their handlers returned Wait
	Pipes   int // that Forward has, and keeps

	Accepted      uint64 // connections that were taken from listeners, those that were refused included
	Refused       uint64 // closed at once: MaxConns, no descriptor, no coroutine, or the Exec drains
	NoDescriptors uint64 // accepts that failed because the process or the system has no descriptor left
	AcceptErrors  uint64 // connections that were gone before they could be accepted, and the like
	Dispatched    uint64 // handed to a Dispatch func
	Dialled       uint64 // outgoing connections that were made
	DialErrors    uint64 // and those that were not
	Failed        uint64 // handlers that returned an error, or panicked
	Idle          uint64 // connections closed because of IdleTimeout
	Lifetime      uint64 // because of MaxLifetime
	Drained       uint64 // because the Exec drains, and nobody was serving them, or their handlers have seen it in Await
	Abandoned     uint64 // because the Exec has ended, or a drain has cancelled their handlers

	Handshakes      uint64 // of TLS that were done
	HandshakeErrors uint64 // and those that were not
	Overrun         uint64 // TLS connections closed because of TLSBuffer
	Unsent          uint64 // TLS connections that were closed and could not send all within CloseTimeout

	BytesIn, BytesOut   uint64
	Reads, Writes       uint64 // system calls
	Spliced             uint64 // bytes of BytesIn that Forward has moved without a copy
	NoPipe              uint64 // times that it would have, but for Config.MaxPipes or want of a descriptor
	PacketsIn           uint64 // datagrams
	PacketsOut          uint64
	PacketsTruncated    uint64 // of PacketsIn: longer than there was room for
	PacketsDropped      uint64 // sent by a PacketHandler while the kernel took no more
	PacketErrors        uint64 // datagrams that could not be sent, and errors of receiving for a handler
	Polls, Events, Held uint64 // times that the kernel was asked, what it told, waits of writers for a slow reader
}

// Add adds t to s: for those who have several Reactors.
func (s *Stats) Add(t Stats) {
	sum, more := reflect.ValueOf(s).Elem(), reflect.ValueOf(t)
	for i := range sum.NumField() {
		switch f := sum.Field(i); f.Kind() {
		case reflect.Int:
			f.SetInt(f.Int() + more.Field(i).Int())
		case reflect.Uint64:
			f.SetUint(f.Uint() + more.Field(i).Uint())
		}
	}
}

const (
	cConns = iota
	cWaiting
	cPipes
	cAccepted
	cRefused
	cNoDescriptors
	cAcceptErrors
	cDispatched
	cDialled
	cDialErrors
	cFailed
	cIdle
	cLifetime
	cDrained
	cAbandoned
	cHandshakes
	cHandshakeErrors
	cOverrun
	cUnsent
	cBytesIn
	cBytesOut
	cReads
	cWrites
	cSpliced
	cNoPipe
	cPacketsIn
	cPacketsOut
	cTruncated
	cPacketsDropped
	cPacketErrors
	cPolls
	cEvents
	cHeld
	cEnd
)

// counters are the loop's own; nobody else reads them.
type counters [cEnd]uint64

// board is where the loop shows its counters. Each is right, but they need not be of the
// same moment.
type board struct {
	_     mem.Pad
	words [cEnd]mem.Index
	_     mem.Pad
}

// show copies the counters to the board.
func (r *Reactor) show() {
	r.counters[cConns] = uint64(r.conns)
	r.counters[cPipes] = uint64(r.pipes.open)
	mem.StoreReleaseAll(r.board.words[:], r.counters[:])
}

// Stats returns the counters as of the last turn. Any goroutine may call it, at any time.
func (r *Reactor) Stats() Stats {
	var n counters
	for i := range n {
		n[i] = r.board.words[i].Load()
	}
	return Stats{
		Conns: int(n[cConns]), Waiting: int(n[cWaiting]), Pipes: int(n[cPipes]),
		Accepted: n[cAccepted], Refused: n[cRefused], NoDescriptors: n[cNoDescriptors], AcceptErrors: n[cAcceptErrors],
		Dispatched: n[cDispatched], Dialled: n[cDialled], DialErrors: n[cDialErrors],
		Failed: n[cFailed], Idle: n[cIdle], Lifetime: n[cLifetime], Drained: n[cDrained], Abandoned: n[cAbandoned],
		Handshakes: n[cHandshakes], HandshakeErrors: n[cHandshakeErrors], Overrun: n[cOverrun], Unsent: n[cUnsent],
		BytesIn: n[cBytesIn], BytesOut: n[cBytesOut], Reads: n[cReads], Writes: n[cWrites], Spliced: n[cSpliced], NoPipe: n[cNoPipe],
		PacketsIn: n[cPacketsIn], PacketsOut: n[cPacketsOut],
		PacketsTruncated: n[cTruncated], PacketsDropped: n[cPacketsDropped], PacketErrors: n[cPacketErrors],
		Polls: n[cPolls], Events: n[cEvents], Held: n[cHeld],
	}
}

// String is the name under which a Reactor appears among the sources of its Exec.
func (source) String() string { return "netio" }

// Report implements exec.Reporter with the fields of Stats. Any goroutine may call it.
func (r source) Report() (cs []exec.Counter) {
	stats := reflect.ValueOf(r.Reactor.Stats())
	for i := range stats.NumField() {
		c := exec.Counter{Name: stats.Type().Field(i).Name}
		switch f := stats.Field(i); f.Kind() {
		case reflect.Int:
			c.Value, c.Gauge = uint64(f.Int()), true
		case reflect.Uint64:
			c.Value = f.Uint()
		}
		cs = append(cs, c)
	}
	return cs
}
