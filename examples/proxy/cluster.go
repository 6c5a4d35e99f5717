package main

import (
	"errors"
	"io"
	"net"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// cluster is the upstreams of the demonstration: servers on one Exec that send back what they
// get, and that can be made to fail.
type cluster struct {
	x       *exec.Exec
	r       *netio.Reactor
	servers []*echoServer
	b       []byte // one for all: nothing waits between a read and its write
}

type echoServer struct {
	cluster *cluster
	addr    string
	ln      *netio.Listener
	conns   map[*netio.Conn]bool
}

func startCluster(n int, onStall func(exec.Stall)) (*cluster, error) {
	k := &cluster{b: make([]byte, 64<<10)}
	var err error
	k.x, err = exec.New(exec.Config{Name: "upstreams", Spin: -1, OnStall: onStall, OnStart: func(l *exec.Local) error {
		if k.r, err = netio.New(l, netio.Config{}); err != nil {
			return err
		}
		for range n {
			s := &echoServer{cluster: k, addr: "127.0.0.1:0", conns: map[*netio.Conn]bool{}}
			if err := s.listen(); err != nil {
				return err
			}
			k.servers = append(k.servers, s)
		}
		return nil
	}})
	if err != nil {
		return nil, err
	}
	return k, k.x.Start()
}

func (k *cluster) addrs() (all []string) {
	for _, s := range k.servers {
		all = append(all, s.addr)
	}
	return all
}

func (k *cluster) stop() {
	k.x.Stop()
	_ = k.x.Wait()
}

// listen makes a server one that can be connected to.
func (s *echoServer) listen() (err error) {
	s.ln, err = s.cluster.r.Listen("tcp", s.addr, netio.ListenConfig{Handle: s.echo})
	if err == nil {
		s.addr = s.ln.Addr().String()
	}
	return err
}

// echo sends back what there is.
func (s *echoServer) echo(_ *exec.Co, c *netio.Conn) error {
	if !s.conns[c] {
		s.conns[c] = true
		c.OnClose(func(c *netio.Conn, _ error) { delete(s.conns, c) })
	}
	for {
		n, err := c.TryRead(s.cluster.b)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if n == 0 {
			return netio.Wait
		}
		m, err := c.TryWrite(s.cluster.b[:n])
		if err == nil && m < n { // the client is slow: wait for it with a copy
			_, err = c.Write(append([]byte(nil), s.cluster.b[m:n]...))
		}
		if err != nil {
			return err
		}
	}
}

// fail ends a server as if its process had died: its connections are reset.
func (s *echoServer) fail() error {
	err := s.ln.Close()
	for c := range s.conns {
		_ = c.SetLinger(0)
		_ = c.Close()
	}
	return err
}

// failing returns the server that fails in the demonstration.
func (k *cluster) failing() *echoServer { return k.servers[1] }

// do has f run on the loop.
func (k *cluster) do(f func() error) error {
	return ask(k.x, func() error {
		if k.x.Ended() {
			return net.ErrClosed
		}
		return f()
	})
}
