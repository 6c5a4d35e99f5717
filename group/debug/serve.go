package debug

import (
	"fmt"
	"net"
	"net/http"
	"time"
)

// Server serves a Handler. Any goroutine may call its methods.
type Server struct {
	listener net.Listener
	server   http.Server
	ended    chan struct{}
}

// Serve listens on addr, host:port, and serves Handler(sources...) in the background until the Server is closed. Without
// a host, as in ":6060", it listens on 127.0.0.1, not on all addresses; port 0 is one that is free. The error is that of
// listening, or names a source that is nil. See the package's documentation before you let it listen on other addresses.
func Serve(addr string, sources ...Source) (*Server, error) { return Config{}.Serve(addr, sources...) }

// Serve is the function of that name, with another configuration.
func (c Config) Serve(addr string, sources ...Source) (*Server, error) {
	if err := check(sources); err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("debug: address %q is not host:port, as in :6060: %w", addr, err)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("debug: %w", err)
	}
	s := &Server{
		listener: listener,
		server: http.Server{
			Handler:           c.Handler(sources...),
			ReadHeaderTimeout: 5 * time.Second,
			ReadTimeout:       5 * time.Second,  // nothing that has a body is served
			WriteTimeout:      30 * time.Second, // streams and profiles have deadlines of their own
			IdleTimeout:       time.Minute,
			MaxHeaderBytes:    16 << 10,
		},
		ended: make(chan struct{}),
	}
	go func() {
		defer close(s.ended)
		_ = s.server.Serve(listener) // ends because of Close
	}()
	return s, nil
}

// Addr returns the address that s listens on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Close ends s, its streams too, and returns when nothing listens any more. It may be called more than once.
func (s *Server) Close() error {
	err := s.server.Close()
	<-s.ended
	return err
}
