package netio_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

func TestTLSResumption(t *testing.T) {
	versions(t, func(t *testing.T, server, client *tls.Config) {
		h := begin(t, exec.Config{}, netio.Config{})
		addr := h.listenTLS(server, echoTLS)
		client.ClientSessionCache = tls.NewLRUClientSessionCache(4)
		for i := range 3 {
			c := dialTLS(t, addr, client)
			exchange(t, c, 1, 1)
			require.Equal(t, i > 0, c.ConnectionState().DidResume)
			_ = c.Close()
		}
		// And as the client.
		resumed := make(chan bool, 3)
		addr = standardServer(t, server, func(c *tls.Conn) error {
			_, err := io.Copy(c, c)
			resumed <- c.ConnectionState().DidResume
			return err
		})
		cache := client.Clone()
		cache.ClientSessionCache = tls.NewLRUClientSessionCache(4)
		for i := range 3 {
			h.co(func(*exec.Co) {
				c, err := h.dialTLS(addr, cache)
				require.NoError(t, err)
				_, err = c.Write([]byte("x"))
				require.NoError(t, err)
				_, err = c.Read(make([]byte, 1))
				require.NoError(t, err)
				require.Equal(t, i > 0, c.ConnectionState().DidResume)
				require.NoError(t, c.Close())
			})
			require.Equal(t, i > 0, take(t, resumed))
		}
	})
}

func TestTLSNegotiation(t *testing.T) {
	versions(t, func(t *testing.T, server, client *tls.Config) {
		h := begin(t, exec.Config{}, netio.Config{})
		states := make(chan tls.ConnectionState, 1)
		other := newAuthority().issue("other.test")
		base := server.Clone()
		base.NextProtos = []string{"h2", "http/1.1"}
		base.ClientAuth, base.ClientCAs = tls.RequireAndVerifyClientCert, newAuthority().pool
		base.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if hello.ServerName == "other.test" {
				return &other, nil
			}
			return nil, nil
		}
		base.Certificates = append(base.Certificates, other) // or GetCertificate is not asked
		server.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return base, nil }
		addr := h.listenTLS(server, func(_ *exec.Co, c *netio.TLSConn) error {
			states <- c.ConnectionState()
			_, err := c.Write([]byte("ok"))
			return err
		})
		client.NextProtos = []string{"http/1.1"}
		client.Certificates = []tls.Certificate{newAuthority().issue("client.test")}
		client.ServerName = "other.test"
		c := dialTLS(t, addr, client)
		got, err := io.ReadAll(c)
		require.NoError(t, err)
		require.Equal(t, "ok", string(got))
		s := take(t, states)
		require.Equal(t, "http/1.1", s.NegotiatedProtocol)
		require.Equal(t, "other.test", s.ServerName)
		require.Equal(t, "client.test", s.PeerCertificates[0].Subject.CommonName)
		require.Equal(t, "other.test", c.ConnectionState().PeerCertificates[0].Subject.CommonName)
	})
}

func TestTLSWrongCertificates(t *testing.T) {
	versions(t, func(t *testing.T, server, client *tls.Config) {
		var failed []error
		h := begin(t, exec.Config{}, netio.Config{OnError: func(_ *netio.Conn, err error) { failed = append(failed, err) }})
		addr := h.listenTLS(server, echoTLS)
		last := func() (err error) {
			h.do(func(*exec.Local) {
				if len(failed) > 0 {
					err = failed[len(failed)-1]
				}
			})
			return err
		}
		// The client does not trust the server, and says so.
		client.RootCAs = x509.NewCertPool()
		err := tls.Client(dial(t, addr), client).Handshake()
		require.ErrorAs(t, err, new(*tls.CertificateVerificationError))
		eventually(t, "the server hears it", func() bool { return last() != nil })
		require.ErrorContains(t, last(), "certificate")
		// The other way round.
		h.co(func(*exec.Co) {
			_, err := h.dialTLS(addr, client)
			require.ErrorAs(t, err, new(*tls.CertificateVerificationError))
			var op *net.OpError
			require.ErrorAs(t, err, &op)
			require.Equal(t, "handshake", op.Op)
			client.RootCAs, client.ServerName = newAuthority().pool, "elsewhere.test"
			_, err = h.dialTLS(addr, client)
			require.ErrorAs(t, err, new(x509.HostnameError))
			// Those of the system, which are loaded elsewhere, do not have ours.
			client.RootCAs, client.ServerName = nil, "server.test"
			_, err = h.dialTLS(addr, client)
			require.ErrorAs(t, err, new(x509.UnknownAuthorityError))
		})
		// A client without a certificate, where one is required.
		server.ClientAuth = tls.RequireAnyClientCert
		addr = h.listenTLS(server, echoTLS)
		c := tls.Client(dial(t, addr), clientTLS())
		if err = c.Handshake(); err == nil {
			_, err = c.Read(make([]byte, 1))
		}
		require.ErrorContains(t, err, "certificate")
		eventually(t, "all are closed", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.HandshakeErrors == 8 && s.Handshakes == 0 })
	})
}
