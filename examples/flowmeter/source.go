package main

// packet is one packet as a source hands it out.
type packet struct {
	data   []byte // captured bytes: the source's own, valid until the next call of next
	wire   uint32 // length on the wire, link header included
	ts     int64  // ns since 1970; 0: unknown
	link   link   // how data starts
	tagged bool   // the kernel took a VLAN tag off and told so beside the data
}

// source is where packets come from: a file or an interface. One goroutine uses it, except for
// close, which any goroutine may call to end a next that waits.
type source interface {
	// next fills in p. It returns io.EOF at the regular end; any other error is a fault to be
	// reported. After an error next is not called again.
	next(p *packet) error
	// describe says what is being read, for the head of the report.
	describe() string
	// live reports whether packets come when they come: next may then wait for long, and nothing
	// that was read may wait with it.
	live() bool
	// loss is what a live capture was to see and did not. It is known once next has failed.
	loss() loss
	// close ends the source.
	close() error
}

// loss counts packets that the kernel captured and this program never read.
type loss struct {
	dropped uint64 // the socket's buffer was full
	unread  uint64 // still in the socket's buffer at the end
}
