package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/pires/go-proxyproto"
	"github.com/stretchr/testify/require"
)

// readHeader is an upstream that reads a header and sends on what it says, and what follows.
func readHeader(t *testing.T, says chan<- *proxyproto.Header, rest chan<- []byte) *server {
	return serve(t, func(c net.Conn) {
		br := bufio.NewReader(c)
		h, err := proxyproto.Read(br)
		if err != nil {
			t.Errorf("the upstream's header: %v", err)
		}
		says <- h
		b, _ := io.ReadAll(br)
		rest <- b
	})
}

var (
	source4 = &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7).To4(), Port: 4321}
	dest4   = &net.TCPAddr{IP: net.IPv4(198, 51, 100, 1).To4(), Port: 443}
	source6 = &net.TCPAddr{IP: net.ParseIP("2001:db8::7"), Port: 4321}
	dest6   = &net.TCPAddr{IP: net.ParseIP("2001:db8::1"), Port: 443}
)

func header(t testing.TB, version byte, source, dest net.Addr) []byte {
	b, err := proxyproto.HeaderProxyFromAddrs(version, source, dest).Format()
	require.NoError(t, err)
	return b
}

// A header comes in and goes out, in either version and family; what follows it in the same
// packet is passed on, and so is what comes later.
func TestHeaders(t *testing.T) {
	for _, accept := range []string{"v1", "v2", "any"} {
		for _, send := range []string{"v1", "v2"} {
			for _, ends := range [][2]*net.TCPAddr{{source4, dest4}, {source6, dest6}} {
				says, rest := make(chan *proxyproto.Header, 1), make(chan []byte, 1)
				c := testConfig(readHeader(t, says, rest).addr())
				c.header.accept, c.header.send = accept, send
				p := begin(t, c)
				conn := dial(t, p.addr)
				version := byte(1)
				if accept == "v2" {
					version = 2
				}
				_, err := conn.Write(append(header(t, version, ends[0], ends[1]), "early "...))
				require.NoError(t, err)
				h := <-says
				require.EqualValues(t, send[1]-'0', h.Version)
				require.Equal(t, ends[0].String(), h.SourceAddr.String())
				require.Equal(t, ends[1].String(), h.DestinationAddr.String())
				_, err = conn.Write([]byte("late"))
				require.NoError(t, err)
				require.NoError(t, conn.CloseWrite())
				require.Equal(t, "early late", string(<-rest))
			}
		}
	}
}

// Without a header from the client the upstream is told the ends of the connection, and so it
// is when the client is a health check of another proxy, which has no source.
func TestHeaderOfTheConnection(t *testing.T) {
	for _, local := range []bool{false, true} {
		says, rest := make(chan *proxyproto.Header, 1), make(chan []byte, 1)
		c := testConfig(readHeader(t, says, rest).addr())
		c.header.send = "v1"
		if local {
			c.header.accept = "any"
		}
		p := begin(t, c)
		conn := dial(t, p.addr)
		if local {
			b, err := (&proxyproto.Header{Version: 2, Command: proxyproto.LOCAL, TransportProtocol: proxyproto.UNSPEC}).Format()
			require.NoError(t, err)
			_, err = conn.Write(b)
			require.NoError(t, err)
		}
		h := <-says
		require.Equal(t, conn.LocalAddr().String(), h.SourceAddr.String())
		require.Equal(t, conn.RemoteAddr().String(), h.DestinationAddr.String())
		require.NoError(t, conn.Close())
		<-rest
	}
}

// The source that a header names is what maglev goes by.
func TestHeaderIsTheSource(t *testing.T) {
	c := testConfig(serve(t, named("a")).addr(), serve(t, named("b")).addr(), serve(t, named("c")).addr())
	c.balance, c.header.accept = "maglev", "any"
	p := begin(t, c)
	seen := map[string]bool{}
	for i := range 40 {
		source := &net.TCPAddr{IP: net.IPv4(192, 0, 2, byte(i)).To4(), Port: 1}
		var first string
		for j := range 2 {
			conn := dial(t, p.addr)
			_, err := conn.Write(header(t, 2, source, dest4))
			require.NoError(t, err)
			if name := askLine(t, conn); j == 0 {
				first = name
				seen[name] = true
			} else {
				require.Equal(t, first, name)
			}
			require.NoError(t, conn.Close())
		}
	}
	require.Len(t, seen, 3)
}

// A client without the header that is asked for, or with a broken one, is reset and counted.
func TestBadHeaders(t *testing.T) {
	up := serve(t, func(net.Conn) { t.Error("the upstream was connected to") })
	v2 := header(t, 2, source4, dest4)
	long := bytes.Clone(v2)
	binary.BigEndian.PutUint16(long[14:], 65535)
	short := bytes.Clone(v2)
	binary.BigEndian.PutUint16(short[14:], 3)
	for name, c := range map[string]struct {
		accept string
		send   []byte
	}{
		"none":                {"any", []byte("GET / HTTP/1.0\r\n\r\n")},
		"the other version":   {"v1", v2},
		"the other one":       {"v2", header(t, 1, source4, dest4)},
		"no end of line":      {"any", append([]byte("PROXY TCP4 "), bytes.Repeat([]byte("1"), 200)...)},
		"no address":          {"any", []byte("PROXY TCP4 one two 3 4\r\n")},
		"a port too large":    {"any", []byte("PROXY TCP4 1.2.3.4 5.6.7.8 70000 1\r\n")},
		"the wrong family":    {"any", []byte("PROXY TCP6 1.2.3.4 5.6.7.8 1 1\r\n")},
		"too short for IPv4":  {"any", short},
		"another version yet": {"any", append(bytes.Clone(v2[:12]), 0x31, 0x11, 0, 0)},
		"almost a signature":  {"any", append(bytes.Clone(v2[:11]), 0x0b)},
	} {
		cfg := testConfig(up.addr())
		cfg.header.accept = c.accept
		p := begin(t, cfg)
		conn := dial(t, p.addr)
		_, err := conn.Write(c.send)
		require.NoError(t, err, name)
		_, err = conn.Read(make([]byte, 1))
		require.ErrorIs(t, err, syscall.ECONNRESET, name)
		eventually(t, "it is counted", func() bool { return p.stats().Total.BadHeaders == 1 })
	}
	// One that does not come, or not in full, has a limit.
	for _, part := range [][]byte{nil, []byte("PROXY TC"), v2[:20], long} {
		cfg := testConfig(up.addr())
		cfg.header.accept, cfg.header.timeout = "any", 30*time.Millisecond
		p := begin(t, cfg)
		conn := dial(t, p.addr)
		_, err := conn.Write(part)
		require.NoError(t, err)
		_, err = conn.Read(make([]byte, 1))
		require.ErrorIs(t, err, syscall.ECONNRESET)
		eventually(t, "it is counted", func() bool { return p.stats().Total.BadHeaders == 1 })
	}
}

// Whatever comes, the bytes behind a header are all there, and the same however they come.
func FuzzGreeting(f *testing.F) {
	f.Add([]byte("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nrest"), "any")
	f.Add([]byte("PROXY UNKNOWN\r\n"), "v1")
	f.Add(append(header(f, 2, source6, dest6), 1, 2, 3), "v2")
	f.Add(header(f, 2, source4, dest4)[:20], "any")
	f.Add([]byte("GET / HTTP/1.0\r\n\r\n"), "any")
	f.Fuzz(func(t *testing.T, b []byte, accept string) {
		if accept != "v1" && accept != "v2" {
			accept = "any"
		}
		before := greeting{source: source4, dest: dest4}
		g, err := readGreeting(bytes.NewReader(b), accept, before)
		slow := iotest.OneByteReader(bytes.NewReader(b))
		h, err2 := readGreeting(slow, accept, before)
		if (err == nil) != (err2 == nil) {
			t.Fatalf("at once: %v; byte by byte: %v", err, err2)
		}
		if err != nil {
			return
		}
		rest, _ := io.ReadAll(slow)
		whole := append(bytes.Clone(h.early), rest...)
		if !bytes.HasPrefix(whole, g.early) || !bytes.HasSuffix(b, whole) || len(whole) == len(b) {
			t.Fatalf("%q is left of %q, %q came at once", whole, b, g.early)
		}
		if g.source.String() != h.source.String() || g.dest.String() != h.dest.String() {
			t.Fatalf("%v to %v, or %v to %v", g.source, g.dest, h.source, h.dest)
		}
		if _, ok := g.source.(*net.TCPAddr); !ok {
			t.Fatalf("the source is %T", g.source)
		}
	})
}
