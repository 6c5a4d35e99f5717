package interop

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/nettest"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// The suite for net.Conn of golang.org/x/net/nettest, on what Outside returns: its goroutines
// are not those of a loop. All cases apply. Package netio has the same cases for coroutines.
func TestConn(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		for _, ends := range []struct {
			name  string
			execs int
		}{{"one Exec", 1}, {"two Execs", 2}} {
			t.Run(network+" "+ends.name, func(t *testing.T) {
				hosts := begin(t, ends.execs)
				nettest.TestConn(t, func() (net.Conn, net.Conn, func(), error) { return pair(t, hosts, network, nil) })
			})
			t.Run(network+" TLS "+ends.name, func(t *testing.T) {
				hosts := begin(t, ends.execs)
				nettest.TestConn(t, func() (net.Conn, net.Conn, func(), error) { return pair(t, hosts, network, certificate()) })
			})
		}
	}
}

// host is an Exec with a Reactor.
type host struct {
	x *exec.Exec
	r *netio.Reactor
}

// begin starts n hosts, which end with the test, and returns two, which may be the same.
func begin(t *testing.T, n int) (hosts [2]*host) {
	for i := range n {
		h := &host{}
		x, err := exec.New(exec.Config{Spin: -1, OnStart: func(l *exec.Local) (err error) {
			h.r, err = netio.New(l, netio.Config{})
			return err
		}})
		require.NoError(t, err)
		if err = x.Start(); errors.Is(err, errors.ErrUnsupported) {
			t.Skip(err)
		}
		require.NoError(t, err)
		h.x = x
		t.Cleanup(func() {
			x.Stop()
			require.NoError(t, x.Wait())
		})
		hosts[i] = h
	}
	if n == 1 {
		hosts[1] = hosts[0]
	}
	return hosts
}

// pair returns the two ends of a connection between two hosts.
func pair(t *testing.T, hosts [2]*host, network string, cert *tls.Certificate) (c1, c2 net.Conn, stop func(), err error) {
	address := "127.0.0.1:0"
	if network == "unix" {
		address = filepath.Join(t.TempDir(), "s")
	}
	ln, err := exec.CallGo(t.Context(), hosts[0].x, func(*exec.Co) (*netio.Listener, error) {
		return hosts[0].r.Listen(network, address, netio.ListenConfig{})
	})
	if err != nil {
		return nil, nil, nil, err
	}
	var wg sync.WaitGroup
	var err1, err2 error
	wg.Go(func() {
		c1, err1 = exec.CallGo(t.Context(), hosts[0].x, func(*exec.Co) (net.Conn, error) {
			defer ln.Close()
			c, err := ln.Accept()
			if err != nil {
				return nil, err
			}
			return outside(c.(*netio.Conn), cert, false)
		})
	})
	wg.Go(func() {
		c2, err2 = exec.CallGo(t.Context(), hosts[1].x, func(*exec.Co) (net.Conn, error) {
			c, err := hosts[1].r.Dial(network, ln.Addr().String(), netio.DialConfig{})
			if err != nil {
				return nil, err
			}
			return outside(c, cert, true)
		})
	})
	wg.Wait()
	return c1, c2, func() { _ = c1.Close(); _ = c2.Close() }, errors.Join(err1, err2)
}

// outside hands a connection to goroutines, over TLS if there is a certificate.
func outside(c *netio.Conn, cert *tls.Certificate, client bool) (net.Conn, error) {
	if cert == nil {
		return c.Outside(), nil
	}
	s, err := netio.TLS(c, netio.TLSConfig{Client: client, TLS: &tls.Config{Certificates: []tls.Certificate{*cert}, InsecureSkipVerify: true}})
	if err != nil {
		return nil, err
	}
	return s.Outside(), nil
}

// certificate returns one that nobody has signed.
var certificate = sync.OnceValue(func() *tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
})
