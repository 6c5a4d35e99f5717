package netio_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	crand "crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// authority issues the certificates of the tests.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

var newAuthority = sync.OnceValue(func() *authority {
	key, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
	must(err)
	a := &authority{key: key, pool: x509.NewCertPool()}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "tests"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(crand.Reader, tmpl, tmpl, &key.PublicKey, key)
	must(err)
	a.cert, err = x509.ParseCertificate(der)
	must(err)
	a.pool.AddCert(a.cert)
	return a
})

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// issue returns a certificate for a name and the loopback addresses.
func (a *authority) issue(name string) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
	must(err)
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(crand.Reader, tmpl, a.cert, &key.PublicKey, a.key)
	must(err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

var serverCert = sync.OnceValue(func() tls.Certificate { return newAuthority().issue("server.test") })

func serverTLS() *tls.Config { return &tls.Config{Certificates: []tls.Certificate{serverCert()}} }

func clientTLS() *tls.Config {
	return &tls.Config{RootCAs: newAuthority().pool, ServerName: "server.test"}
}

// versions runs f with each version of TLS that is in use.
func versions(t *testing.T, f func(t *testing.T, server, client *tls.Config)) {
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(v), func(t *testing.T) {
			server, client := serverTLS(), clientTLS()
			client.MinVersion, client.MaxVersion = v, v
			f(t, server, client)
		})
	}
}

// listenTLS opens a TLS listener.
func (h *host) listenTLS(cfg *tls.Config, serve func(co *exec.Co, t *netio.TLSConn) error) (addr string) {
	h.t.Helper()
	handle, err := netio.ServeTLS(netio.TLSConfig{TLS: cfg}, serve)
	require.NoError(h.t, err)
	_, addr = h.listen(netio.ListenConfig{Handle: handle})
	return addr
}

// dialTLS connects to a listener with the standard library's client.
func dialTLS(t testing.TB, addr string, cfg *tls.Config) *tls.Conn {
	t.Helper()
	c := tls.Client(dial(t, addr), cfg)
	require.NoError(t, c.Handshake())
	return c
}

func echoTLS(_ *exec.Co, t *netio.TLSConn) error {
	b := make([]byte, 20_000)
	for {
		n, err := t.Read(b)
		if n > 0 {
			if _, err := t.Write(b[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func random(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// exchange writes and reads back messages of random sizes.
func exchange(t testing.TB, c net.Conn, seed uint64, rounds int) {
	rng := rand.New(rand.NewPCG(seed, 1))
	for range rounds {
		b := random(rng, 1+rng.IntN(100_000))
		wrote := make(chan error, 1)
		go func() { _, err := c.Write(b); wrote <- err }()
		got := make([]byte, len(b))
		if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(b, got) {
			t.Errorf("%d bytes came back changed, or not at all: %v", len(b), err)
			return
		}
		if err := <-wrote; err != nil {
			t.Error(err)
			return
		}
	}
}

func TestTLSServer(t *testing.T) {
	versions(t, func(t *testing.T, server, client *tls.Config) {
		h := begin(t, exec.Config{}, netio.Config{})
		addr := h.listenTLS(server, echoTLS)
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				c := dialTLS(t, addr, client)
				exchange(t, c, uint64(i), 10)
				_ = c.CloseWrite()
				n, err := c.Read(make([]byte, 1)) // the close_notify of the other side
				if n != 0 || err != io.EOF {
					t.Errorf("%d %v", n, err)
				}
			})
		}
		wg.Wait()
		eventually(t, "all are closed", func() bool { return h.r.Stats().Conns == 0 })
		s := h.r.Stats()
		require.EqualValues(t, []uint64{4, 0, 0}, []uint64{s.Handshakes, s.HandshakeErrors, s.Failed})
	})
}
