package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	crand "crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pires/go-proxyproto"
	"github.com/stretchr/testify/require"
)

// identity is a certificate that it has signed itself, and its key.
type identity struct {
	cert, key []byte // PEM
	pool      *x509.CertPool
}

func newIdentity(t testing.TB, name string) *identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
	require.NoError(t, err)
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{"proxy.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(crand.Reader, tmpl, tmpl, &key.PublicKey, key)
	require.NoError(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	id := &identity{pool: x509.NewCertPool()}
	id.cert = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	id.key = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
	require.True(t, id.pool.AppendCertsFromPEM(id.cert))
	return id
}

func (id *identity) write(t testing.TB, cert, key string) {
	t.Helper()
	require.NoError(t, os.WriteFile(cert, id.cert, 0o600))
	require.NoError(t, os.WriteFile(key, id.key, 0o600))
}

func (id *identity) client() *tls.Config {
	return &tls.Config{RootCAs: id.pool, ServerName: "proxy.test"}
}

// secureConfig is testConfig with TLS.
func secureConfig(t testing.TB, id *identity, upstreams ...string) *config {
	c := testConfig(upstreams...)
	c.tls.cert, c.tls.key = pemFile{"cert", id.cert}, pemFile{"key", id.key}
	require.NoError(t, c.check())
	return c
}

// secure makes a connection one of TLS.
func secure(t testing.TB, conn net.Conn, cfg *tls.Config) *tls.Conn {
	t.Helper()
	c := tls.Client(conn, cfg)
	require.NoError(t, c.Handshake())
	return c
}

// What goes in comes out, in pieces of all sizes, and so does the end of it: as close_notify on
// one side, and as the end of the connection on the other.
func TestTLSEcho(t *testing.T) {
	id := newIdentity(t, "echo")
	c := secureConfig(t, id, serve(t, echo).addr(), serve(t, echo).addr())
	c.workers = 2
	p := begin(t, c)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(i), 7))
			cfg := id.client()
			if i%2 == 0 {
				cfg.MaxVersion = tls.VersionTLS12
			}
			conn := tls.Client(dial(t, p.addr), cfg)
			for range 12 {
				b := random(rng, 1+rng.IntN(200_000))
				go func() { _, _ = conn.Write(b) }()
				got := make([]byte, len(b))
				if _, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, b) {
					t.Errorf("connection %d: %v", i, err)
					return
				}
			}
			if err := conn.CloseWrite(); err != nil {
				t.Error(err)
			}
			if n, err := conn.Read(make([]byte, 1)); n != 0 || err != io.EOF { // without close_notify: ErrUnexpectedEOF
				t.Errorf("%d bytes and %v where there was the end", n, err)
			}
		})
	}
	wg.Wait()
	eventually(t, "all have finished", func() bool { return p.stats().Total.Finished == 8 })
	s := p.stats()
	require.Equal(t, s.BytesIn, s.BytesOut)
	require.Equal(t, s.Total.Upstream.In, s.Total.Downstream.Out, "bytes are counted as they are without TLS")
	require.EqualValues(t, []uint64{8, 0}, []uint64{s.Total.Handshakes, s.Total.BadHandshakes})
	require.Contains(t, s.summary(), "handshakes    8 done, 0 failed")
}

// Either side may end first: the other direction goes on until it ends, too.
func TestTLSHalfClose(t *testing.T) {
	id := newIdentity(t, "half")
	fromClient := make(chan []byte, 1)
	first := serve(t, func(c net.Conn) { // it ends at once, and listens on
		_, _ = c.Write([]byte("bye"))
		_ = c.(*net.TCPConn).CloseWrite()
		b, _ := io.ReadAll(c)
		fromClient <- b
	})
	p := begin(t, secureConfig(t, id, first.addr()))
	c := secure(t, dial(t, p.addr), id.client())
	b, err := io.ReadAll(c)
	require.NoError(t, err)
	require.Equal(t, "bye", string(b))
	for range 3 {
		_, err = c.Write([]byte("more"))
		require.NoError(t, err)
		time.Sleep(time.Millisecond)
	}
	require.NoError(t, c.CloseWrite())
	require.Equal(t, "moremoremore", string(<-fromClient))
	eventually(t, "it has finished", func() bool { return p.stats().Total.Finished == 1 })

	large := bytes.Repeat([]byte("answer"), 1<<20)
	last := serve(t, func(c net.Conn) { // it answers after the end of the question
		_, _ = io.ReadAll(c)
		_, _ = c.Write(large)
	})
	p = begin(t, secureConfig(t, id, last.addr()))
	c = secure(t, dial(t, p.addr), id.client())
	_, err = c.Write([]byte("question"))
	require.NoError(t, err)
	require.NoError(t, c.CloseWrite())
	b, err = io.ReadAll(c)
	require.NoError(t, err)
	require.True(t, bytes.Equal(large, b))
	eventually(t, "it has finished", func() bool { return p.stats().Total.Finished == 1 })
}

// What is cut off on one side is cut off on the other: nobody takes it for the end.
func TestTLSCutOff(t *testing.T) {
	id := newIdentity(t, "cut")
	ended := make(chan error, 1)
	up := serve(t, func(c net.Conn) {
		_, err := c.Write([]byte("hello"))
		if err == nil {
			_, err = io.Copy(io.Discard, c)
		}
		ended <- err
	})
	p := begin(t, secureConfig(t, id, up.addr()))
	hello := func() (*net.TCPConn, *tls.Conn) {
		raw := dial(t, p.addr)
		c := secure(t, raw, id.client())
		_, err := io.ReadFull(c, make([]byte, 5))
		require.NoError(t, err)
		return raw, c
	}
	raw, _ := hello()
	require.NoError(t, raw.CloseWrite()) // an end that nobody has vouched for
	require.ErrorIs(t, <-ended, syscall.ECONNRESET)
	_, c := hello()
	up.kill()
	_, err := c.Read(make([]byte, 1))
	require.ErrorIs(t, err, syscall.ECONNRESET)
	<-ended
	eventually(t, "both are broken", func() bool { s := p.stats(); return s.Total.Broken == 2 && s.Open == 0 })
}

// A reader that does not read makes the sender wait, whichever side it is.
func TestTLSSlowReader(t *testing.T) {
	id := newIdentity(t, "slow")
	flood := func(w io.Writer) {
		for b := make([]byte, 1<<20); ; {
			if _, err := w.Write(b); err != nil {
				return
			}
		}
	}
	for name, down := range map[string]bool{"client": true, "upstream": false} {
		t.Run(name, func(t *testing.T) {
			over := make(chan struct{})
			up := serve(t, func(c net.Conn) {
				if down {
					flood(c)
				}
				<-over
			})
			cfg := secureConfig(t, id, up.addr())
			p := begin(t, cfg)
			defer close(over)
			c := secure(t, dial(t, p.addr), id.client())
			if !down {
				go flood(c)
			}
			var last flow
			same := 0
			eventually(t, "the sender waits", func() bool {
				f := p.stats().Total.Upstream
				if down {
					f = p.stats().Total.Downstream
				}
				if f != last {
					last, same = f, 0
				}
				same++
				return f.Slow > 0 && same > 100
			})
			require.LessOrEqual(t, last.In-last.Out, uint64(cfg.buffer), "in the proxy")
			require.Less(t, last.In, uint64(256<<20), "and what the kernel holds is bounded, too")
			if down { // it goes on as soon as there is room
				_, err := io.CopyN(io.Discard, c, int64(last.In))
				require.NoError(t, err)
			}
			other := secure(t, dial(t, p.addr), id.client()) // others are not in its way
			require.NoError(t, other.Close())
			require.NoError(t, c.NetConn().Close())
			up.kill()
			eventually(t, "it is over", func() bool { return p.stats().Open == 0 })
		})
	}
}

// A handshake that does not come, or is none, ends the client, and no upstream hears of it.
func TestTLSBadHandshakes(t *testing.T) {
	id := newIdentity(t, "bad")
	up := serve(t, func(net.Conn) { t.Error("the upstream was connected to") })
	cfg := secureConfig(t, id, up.addr())
	cfg.tls.timeout = 50 * time.Millisecond
	p := begin(t, cfg)
	require.Equal(t, cfg.tls.timeout, p.tls.HandshakeTimeout, "and not the default, which would end it, too")
	for i, begins := range []string{"", "\x16\x03\x01\x02", "GET / HTTP/1.0\r\n\r\n"} {
		c := dial(t, p.addr)
		_, err := io.WriteString(c, begins)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, c) // an alert may come before the end
		require.NotErrorIs(t, err, os.ErrDeadlineExceeded, "of the test")
		eventually(t, "it is counted", func() bool { s := p.stats(); return s.Total.BadHandshakes == uint64(i+1) && s.Open == 0 })
	}
	// A client that goes by itself, and one that does not trust the certificate.
	require.NoError(t, dial(t, p.addr).Close())
	require.Error(t, tls.Client(dial(t, p.addr), newIdentity(t, "other").client()).Handshake())
	eventually(t, "both have ended", func() bool { s := p.stats(); return s.Total.Accepted == 5 && s.Open == 0 })
	require.Zero(t, p.stats().Total.Finished)
}

// together is a connection that sends what is ahead in one segment with the first Write.
type together struct {
	net.Conn
	ahead []byte
}

func (c *together) Write(b []byte) (int, error) {
	n := len(c.ahead)
	m, err := c.Conn.Write(append(c.ahead, b...))
	c.ahead = nil
	return max(0, m-n), err
}

// The header of a client comes before its handshake, and that to an upstream before what is in
// it; a long one takes more than one buffer.
func TestTLSHeaders(t *testing.T) {
	id := newIdentity(t, "headers")
	long, err := (&proxyproto.Header{Version: 2, Command: proxyproto.PROXY, TransportProtocol: proxyproto.TCPv4, SourceAddr: source4, DestinationAddr: dest4}).Format()
	require.NoError(t, err)
	const pad = 4096 - 12 // the longest that is taken
	long = append(long, make([]byte, pad)...)
	long[len(long)-pad] = 0x04 // a TLV of no meaning
	long[len(long)-pad+1], long[len(long)-pad+2] = byte((pad-3)>>8), byte((pad-3)&255)
	long[14], long[15] = byte((12+pad)>>8), byte((12+pad)&255)
	for _, ahead := range [][]byte{header(t, 1, source4, dest4), header(t, 2, source4, dest4), long} {
		says, rest := make(chan *proxyproto.Header, 1), make(chan []byte, 1)
		c := secureConfig(t, id, readHeader(t, says, rest).addr())
		c.header.accept, c.header.send = "any", "v2"
		p := begin(t, c)
		conn := secure(t, &together{dial(t, p.addr), bytes.Clone(ahead)}, id.client())
		h := <-says
		require.Equal(t, source4.String(), h.SourceAddr.String())
		_, err := conn.Write([]byte("within"))
		require.NoError(t, err)
		require.NoError(t, conn.CloseWrite())
		require.Equal(t, "within", string(<-rest))
	}
}

// Mistakes in the files, and where they are named.
func TestTLSMistakes(t *testing.T) {
	t.Chdir(t.TempDir())
	newIdentity(t, "one").write(t, "one.crt", "one.key")
	newIdentity(t, "two").write(t, "two.crt", "two.key")
	require.NoError(t, os.WriteFile("text", []byte("no certificate"), 0o600))
	const head = "listen: :1\nupstreams: [a:1]\ntls:\n"
	for _, c := range []struct{ text, want string }{
		{"  cert: none.crt", "proxy.yaml:4: tls.cert: open none.crt: no such file"},
		{"  cert: one.crt\n  key: text", "proxy.yaml:5: tls.key: text has no private key in the form of PEM"},
		{"  cert: one.key\n  key: one.key", "proxy.yaml:4: tls.cert: one.key has no certificate in the form of PEM"},
		{"  cert: one.crt\n  key: two.key", "proxy.yaml: tls.key: two.key is not the key of the certificate in one.crt: private key does not match public key"},
		{"  cert: one.crt", "proxy.yaml: tls.key is missing: the file with the key of the certificate in one.crt"},
		{"  key: one.key", "proxy.yaml: tls.cert is missing: the file with the certificate of the key in one.key"},
		{"  timeout: 0s", `proxy.yaml:4: tls.timeout: "0s" is out of range`},
	} {
		_, err := parseWith(t, head+c.text)
		require.ErrorContains(t, err, c.want, c.text)
	}
	o, err := parseWith(t, head+"  cert: one.crt\n  key: one.key\n", "-tls-cert", "two.crt", "-tls-key", "two.key")
	require.NoError(t, err, "flags come before the file")
	require.Equal(t, "two", o.config.tls.pair.Leaf.Subject.CommonName)
}

// A signal has the certificate read again; connections stay, and a mistake changes nothing.
func TestReloadOfTheCertificate(t *testing.T) {
	dir := t.TempDir()
	cert, key, file := filepath.Join(dir, "crt"), filepath.Join(dir, "key"), filepath.Join(dir, "proxy.yaml")
	one, two := newIdentity(t, "one"), newIdentity(t, "two")
	one.write(t, cert, key)
	up := serve(t, named("a"))
	require.NoError(t, os.WriteFile(file, []byte("listen: 127.0.0.1:0\nworkers: 1\nupstreams: ['"+up.addr()+"']\ntls:\n  cert: "+cert+"\n  key: "+key+"\n"), 0o600))
	s := runShell(t, false, "-config", file)
	addr := s.addr(t)
	old := secure(t, dial(t, addr), one.client())
	require.Equal(t, "a", askLine(t, old))
	says := func(words string) {
		t.Helper()
		s.reload <- syscall.SIGHUP
		eventually(t, "it says "+words, func() bool { return strings.Contains(s.errs.String(), words) })
	}
	require.NoError(t, os.WriteFile(key, two.key, 0o600)) // half of the way
	says("nothing is reloaded: " + file + ": tls.key: " + key + " is not the key")
	require.Equal(t, "a", askLine(t, secure(t, dial(t, addr), one.client())))
	two.write(t, cert, key)
	says("reloaded: 1 upstreams, round-robin, TLS with a certificate until ")
	require.NotContains(t, s.errs.String(), "restart")
	c := secure(t, dial(t, addr), two.client())
	require.Equal(t, "a", askLine(t, c))
	require.Equal(t, "two", c.ConnectionState().PeerCertificates[0].Subject.CommonName)
	require.Equal(t, "a", askLine(t, old))
	up.kill()
	s.cancel()
	require.Equal(t, exitOK, s.end(t))
	require.Contains(t, s.out.String(), "handshakes    3 done, 0 failed")
}
