// Package netio gives an Exec sockets. A connection lives on one loop from accept to close,
// and the code that serves it is straight-line code in a coroutine: Read and Write suspend
// the coroutine, and the loop goes on.
//
//	x, _ := exec.New(exec.Config{OnStart: func(l *exec.Local) error {
//		r, err := netio.New(l, netio.Config{})
//		if err != nil {
//			return err
//		}
//		_, err = r.Listen("tcp", "127.0.0.1:7", netio.ListenConfig{Handle: echo})
//		return err
//	}})
//
// A [Reactor] is what the Exec watches its file descriptors with. It is a Source, polled once
// per turn, and the place where the Exec sleeps when there is nothing to do. Everything in
// this package belongs to the loop of its Reactor unless it says otherwise.
//
// A [Conn] is a net.Conn, so that what is written for one works on it: bufio, the parsers of
// the standard library. For TLS there are [TLS] and [ServeTLS], because crypto/tls is not simply
// put on a Conn. What is not allowed is to block the loop in any
// other way; docs/netio.md says what does.
//
// A [PacketConn] is a UDP socket, for coroutines or with a [PacketHandler] that needs none.
// [Forward] is what proxies do between two Conns.
//
// Nothing here grows without limit. A Write waits until the kernel has taken all of it, so a
// reader that is slow makes its writer slow. A connection that is idle has no buffer, and with
// [Wait] no stack either.
package netio
