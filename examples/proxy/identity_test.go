package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	crand "crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"testing"
	"time"

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
