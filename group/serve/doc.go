// Package serve gives the workers of a group a listening socket: a server whose connections
// live on one pinned core each, from their first byte to their last.
//
//	s, err := serve.New(serve.Config{
//		Address: "127.0.0.1:7",
//		Workers: 2,
//		Handle:  echo, // func(co *exec.Co, c *netio.Conn) error
//	})
//	...
//	report, err := s.RunUntilSignal(10 * time.Second)
//
// # Who gets a connection
//
// Without Config.Balance every worker has a listener of its own at the same address
// (SO_REUSEPORT) and the kernel spreads the connections, by a hash of both addresses or by
// Config.Listen.Steer. Nothing is handed from core to core. It is the faster way, and the
// right one for many short connections; few long ones may end up unevenly.
//
// With Config.Balance one acceptor takes the connections and hands each to the worker that
// the balancer picks. What a balancer sees as the depth of a worker (balance.View.Depth) is
// how many connections it has: balance.LeastLoaded is least-connections, balance.KeyHash
// keeps a source address ([ByIP], [ByAddrPort]) on one worker, balance.RoundRobin counts
// them out, and your own does what it wants.
//
// # Limits
//
// Config.Listen.MaxConns is how many connections a worker may have, Config.HandOver how many
// may be on their way to one. What is beyond is refused: closed, with a word from
// Config.Listen.Refuse, and counted.
//
// # The end
//
// [Server.Shutdown] stops accepting, once what waits in the kernel has been taken in, closes the
// connections that are between two requests (see netio.Wait and netio.Conn.Await), lets the
// others end, and closes and counts those
// that have not when its context ends. A connection that is on its way to a worker which has
// ended is closed, and counted, too.
package serve
