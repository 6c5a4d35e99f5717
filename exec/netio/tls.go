package netio

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// Defaults of the fields of [TLSConfig].
const (
	DefaultHandshakeTimeout = 10 * time.Second
	DefaultCloseTimeout     = 5 * time.Second
)

// TLSConfig says how connections are encrypted.
type TLSConfig struct {
	// TLS is the configuration for package crypto/tls, which must not be changed once it is
	// in use. What is a func in it (GetCertificate, GetConfigForClient, VerifyConnection), and
	// its KeyLogWriter, is called on the loop and must not block it; neither may it lock what
	// is held for longer elsewhere. Renegotiation must be RenegotiateNever: a handshake in the
	// middle of a connection would hold locks of crypto/tls while it waits for the other side.
	TLS *tls.Config
	// Client makes this the client's side. Then TLS must have a ServerName, because a Conn knows
	// only addresses, or InsecureSkipVerify.
	Client bool
	// HandshakeTimeout is how long a handshake takes at most. 0 is DefaultHandshakeTimeout;
	// it cannot be switched off.
	HandshakeTimeout time.Duration
	// CloseTimeout is how long a connection that was closed stays at most, to send what the
	// other side has not taken yet. 0 is DefaultCloseTimeout.
	CloseTimeout time.Duration
	// Refuse, if set, is handed a connection whose handshake has failed, and why, before it is
	// closed. It is called in the coroutine of the handshake, and may write, also without
	// encryption, to one who has begun with another protocol: then the error wraps a
	// tls.RecordHeaderError, of which the Conn is not nil. HandshakeTimeout does not count for
	// it. It is not called for a connection that is closed already.
	Refuse func(c *Conn, err error)

	fresh bool // nothing has been said yet: until then a drain ends the connection
}

func (cfg TLSConfig) withDefaults() (TLSConfig, error) {
	switch {
	case cfg.TLS == nil:
		return cfg, errors.New("netio: TLSConfig.TLS is nil: it must say who this side is")
	case cfg.TLS.Renegotiation != tls.RenegotiateNever:
		return cfg, fmt.Errorf("netio: TLSConfig.TLS.Renegotiation is %d: it must be RenegotiateNever, because crypto/tls would hold its locks while the other side takes its time, and a coroutine that waits for one of them stops the whole Exec", cfg.TLS.Renegotiation)
	}
	for _, f := range []struct {
		name  string
		value *time.Duration
		def   time.Duration
	}{
		{"HandshakeTimeout", &cfg.HandshakeTimeout, DefaultHandshakeTimeout},
		{"CloseTimeout", &cfg.CloseTimeout, DefaultCloseTimeout},
	} {
		if *f.value < 0 {
			return cfg, fmt.Errorf("netio: TLSConfig.%s is %v: it must be positive, or 0 for the default of %v", f.name, *f.value, f.def)
		}
		if *f.value == 0 {
			*f.value = f.def
		}
	}
	return cfg, nil
}

// TLS makes c a TLS connection, of which this is the server's side, or with TLSConfig.Client the
// client's, and returns it once the handshake is over. It is for coroutines of c's loop, and
// suspends the one that calls it. If there is an error c is closed.
//
// It is crypto/tls, with these rules, because crypto/tls holds locks while it writes, and who
// waits for one of them on a loop stops that loop:
//
//   - The handshake is finished in this one coroutine. Nobody else has the TLSConn before, so
//     nobody can want a lock while it waits for the other side.
//   - After it the write that crypto/tls does on c never suspends. What the kernel does not take
//     is appended to a buffer, which is bounded (Config.TLSBuffer); the Reactor sends it when
//     there is room. Who has it overrun, by asking for answers and not reading them, is cut off
//     (ErrOverrun).
//   - A slow reader slows its writer nevertheless: [TLSConn.Write] waits, before it calls
//     crypto/tls and so without a lock, until that buffer is empty.
//
// The computing of a handshake is done on the loop: for a server about a millisecond with an RSA
// key, and a tenth of that with an ECDSA one. If the certificates of the system are needed, and
// the process has not loaded them yet, they are read on the goroutines for blocking work.
func TLS(c *Conn, cfg TLSConfig) (*TLSConn, error) {
	co := c.r.l.Current()
	if co == nil {
		return nil, c.fail("handshake", ErrNotOnLoop)
	}
	cfg, err := cfg.withDefaults()
	var t *TLSConn
	if err == nil {
		t, err = newTLS(co, c, cfg)
	}
	if err == nil {
		err = t.handshake(co, cfg)
	}
	if err != nil {
		err = c.fail("handshake", err)
		if !errors.Is(err, ErrDraining) {
			c.r.counters[cHandshakeErrors]++
		}
		if cfg.Refuse != nil && !c.closed.Load() {
			cfg.Refuse(c, err)
		}
		_ = c.Close()
		return nil, err
	}
	c.r.counters[cHandshakes]++
	return t, nil
}

// ServeTLS returns a Handler that makes each connection a TLS connection, as [TLS] does for a
// server, and has h serve it. When h returns Wait it is called again, with the same TLSConn, when there is
// more to read: something that has been decrypted, not only bytes of a record that is not
// complete. Until the first byte of the handshake a connection is one that waits, which a drain
// closes.
func ServeTLS(cfg TLSConfig, h func(co *exec.Co, t *TLSConn) error) (Handler, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if cfg.Client {
		return nil, errors.New("netio: TLSConfig.Client is set, and ServeTLS is for servers: a client calls TLS")
	}
	cfg.fresh = true
	return func(co *exec.Co, c *Conn) error {
		if c.tls == nil {
			if _, err := TLS(c, cfg); err != nil {
				return err
			}
		}
		return h(co, c.tls)
	}, nil
}

func newTLS(co *exec.Co, c *Conn, cfg TLSConfig) (*TLSConn, error) {
	if c.tls != nil {
		return nil, errors.New("the connection is a TLS connection already")
	}
	t := &TLSConn{c: c, closeTimeout: cfg.CloseTimeout}
	if t.tls = tls.Server(wire{t}, cfg.TLS); cfg.Client {
		t.tls = tls.Client(wire{t}, cfg.TLS)
	}
	if needsRoots(cfg.TLS, cfg.Client) {
		if err := loadRoots(co); err != nil {
			return nil, err
		}
	}
	c.tls = t
	return t, nil
}

// handshake has the connection to itself: until it is over nobody else can lock what
// crypto/tls holds meanwhile.
func (t *TLSConn) handshake(co *exec.Co, cfg TLSConfig) error {
	over := time.Now().Add(cfg.HandshakeTimeout)
	t.shaking = true
	err := co.Within(cfg.HandshakeTimeout, func() error {
		if cfg.fresh {
			if err := t.c.Await(); err != nil {
				return err
			}
		}
		return t.tls.Handshake()
	})
	t.shaking = false
	t.c.release()
	if errors.Is(err, exec.ErrTimeout) && !time.Now().Before(over) {
		err = os.ErrDeadlineExceeded
	}
	if err == nil {
		t.state = t.tls.ConnectionState()
	}
	return err
}

// needsRoots reports whether the certificates of the other side are verified with those of the
// system.
func needsRoots(cfg *tls.Config, client bool) bool {
	if client {
		return cfg.RootCAs == nil && !cfg.InsecureSkipVerify
	}
	return cfg.ClientCAs == nil && cfg.ClientAuth >= tls.VerifyClientCertIfGiven
}

// rootsLoaded is set once the process has the certificates of the system: they are files.
var rootsLoaded atomic.Bool

func loadRoots(co *exec.Co) error {
	if rootsLoaded.Load() {
		return nil
	}
	_, err := exec.Blocking(co, func() (struct{}, error) {
		_, _ = x509.SystemCertPool() // an error is met again by whoever verifies
		rootsLoaded.Store(true)
		return struct{}{}, nil
	})
	return err
}
