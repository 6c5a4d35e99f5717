package main

import (
	"bytes"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/exec/netio"
)

// tlsConfig is the TLS that clients speak. Upstreams get what is in it.
type tlsConfig struct {
	cert, key pemFile
	timeout   time.Duration    // of a handshake
	pair      *tls.Certificate // of the two files; nil: no TLS
}

// pemFile is a file as it was when the configuration was read.
type pemFile struct {
	name string
	text []byte
}

// read reads a file that must have something of a kind in it.
func (f *pemFile) read(name, kind string) error {
	text, err := readAll(name)
	if err != nil {
		return err
	}
	for rest := text; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return fmt.Errorf("%s has no %s in the form of PEM", name, strings.ToLower(kind))
		}
		if strings.HasSuffix(block.Type, kind) { // PRIVATE KEY, EC PRIVATE KEY, ...
			f.name, f.text = name, bytes.Clone(text)
			return nil
		}
	}
}

// set reports whether any of it is configured.
func (c *tlsConfig) set() bool { return c.cert.name != "" || c.key.name != "" }

// on reports whether clients speak TLS.
func (c *tlsConfig) on() bool { return c.pair != nil }

// check puts the two files together.
func (c *tlsConfig) check() error {
	switch {
	case !c.set():
		return nil
	case c.key.name == "":
		return fmt.Errorf("tls.key is missing: the file with the key of the certificate in %s", c.cert.name)
	case c.cert.name == "":
		return fmt.Errorf("tls.cert is missing: the file with the certificate of the key in %s", c.key.name)
	}
	pair, err := tls.X509KeyPair(c.cert.text, c.key.text)
	if err != nil {
		return fmt.Errorf("tls.key: %s is not the key of the certificate in %s: %s", c.key.name, c.cert.name, strings.TrimPrefix(err.Error(), "tls: "))
	}
	c.pair = &pair
	return nil
}

// String is what the log says of it.
func (c *tlsConfig) String() string {
	if !c.on() {
		return ""
	}
	return ", TLS with a certificate until " + c.pair.Leaf.NotAfter.UTC().Format(time.DateTime) + " UTC"
}

// server returns what the workers need, one for all, so that a client may resume on one worker
// what it has begun on another. Each handshake is done with the certificate that is current.
func (c *tlsConfig) server(current *atomic.Pointer[tls.Certificate]) *netio.TLSConfig {
	return &netio.TLSConfig{HandshakeTimeout: c.timeout, TLS: &tls.Config{
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return current.Load(), nil },
	}}
}

// secureClient does the handshake with a client. It reports false if that has failed, or the
// client was closed meanwhile: either way it has been counted.
func (p *pair) secureClient(cfg *netio.TLSConfig) bool {
	p.shaking = true
	t, err := netio.TLS(p.client, *cfg)
	p.shaking = false
	if err != nil {
		return false
	}
	p.w.count.Handshakes++
	p.secure, p.near = t, t
	return true
}
