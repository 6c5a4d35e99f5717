package netio_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// sealer encrypts records as a TLS 1.3 client does after the handshake.
type sealer struct {
	secret []byte
	aead   cipher.AEAD
	iv     []byte
	seq    uint64
}

// keyLog finds the first secret of the client's data in what a tls.Config logs.
type keyLog struct{ secret []byte }

func (k *keyLog) Write(line []byte) (int, error) {
	if f := strings.Fields(string(line)); len(f) == 3 && f[0] == "CLIENT_TRAFFIC_SECRET_0" {
		k.secret, _ = hex.DecodeString(f[2])
	}
	return len(line), nil
}

// expand is HKDF-Expand-Label of RFC 8446 with SHA-256 and no context.
func expand(secret []byte, label string, n int) []byte {
	info := binary.BigEndian.AppendUint16(nil, uint16(n))
	info = append(info, byte(len("tls13 ")+len(label)))
	info = append(info, "tls13 "+label...)
	out, err := hkdf.Expand(sha256.New, secret, string(append(info, 0)), n)
	must(err)
	return out
}

// use makes secret the one that records are encrypted with.
func (s *sealer) use(secret []byte) {
	block, err := aes.NewCipher(expand(secret, "key", 16))
	must(err)
	s.aead, err = cipher.NewGCM(block)
	must(err)
	s.secret, s.iv, s.seq = secret, expand(secret, "iv", 12), 0
}

// record encrypts one record.
func (s *sealer) record(typ byte, data []byte) []byte {
	nonce := append([]byte(nil), s.iv...)
	for i := range 8 {
		nonce[4+i] ^= byte(s.seq >> (56 - 8*i))
	}
	s.seq++
	data = append(append([]byte(nil), data...), typ)
	head := binary.BigEndian.AppendUint16([]byte{23, 3, 3}, uint16(len(data)+s.aead.Overhead()))
	return s.aead.Seal(head, nonce, data, head)
}

const (
	typeAlert     = 21
	typeHandshake = 22
	typeData      = 23
)

// keyUpdate returns a record that has the other side change its keys, and ours changed.
func (s *sealer) keyUpdate() []byte {
	r := s.record(typeHandshake, []byte{24, 0, 0, 1, 1})
	s.use(expand(s.secret, "traffic upd", 32))
	return r
}

// dialRaw does a TLS 1.3 handshake, and returns the connection below and what it takes to
// write records to it by hand.
func dialRaw(t *testing.T, addr string, cfg *tls.Config) (net.Conn, *sealer) {
	log := &keyLog{}
	cfg = cfg.Clone()
	cfg.MinVersion, cfg.KeyLogWriter = tls.VersionTLS13, log
	raw := dial(t, addr)
	c := tls.Client(raw, cfg)
	require.NoError(t, c.Handshake())
	if c.ConnectionState().CipherSuite != tls.TLS_AES_128_GCM_SHA256 {
		t.Skip("this machine prefers another cipher suite than the one that the test can write")
	}
	s := &sealer{}
	s.use(log.secret) // nothing has been written with it yet
	return raw, s
}

// A peer that stops reading and asks for key updates, while our side is in the middle of a
// Write, has crypto/tls write from within Read. It must not be waited for: all else on the
// Exec goes on, memory is bounded, and the connection ends.
func TestTLSKeyUpdateAttack(t *testing.T) {
	const limit = 24 << 10
	var readErr, writeErr atomic.Value
	ended := make(chan struct{})
	h := begin(t, exec.Config{}, netio.Config{TLSBuffer: limit, OnError: func(*netio.Conn, error) {}})
	addr := h.listenTLS(serverTLS(), func(co *exec.Co, c *netio.TLSConn) error {
		writer, err := exec.Go(co.Local(), func(*exec.Co) (struct{}, error) {
			for {
				if _, err := c.Write(make([]byte, 100_000)); err != nil {
					return struct{}{}, err
				}
			}
		})
		require.NoError(t, err)
		b := make([]byte, 1000)
		for err == nil {
			_, err = c.Read(b)
		}
		readErr.Store(err)
		_, err = writer.Await(co)
		writeErr.Store(err)
		close(ended)
		return err
	})
	_, plain := h.listen(netio.ListenConfig{Handle: echo})

	raw, s := dialRaw(t, addr, clientTLS())
	eventually(t, "our side's Write has to wait", func() bool { return h.r.Stats().Held > 0 })
	other := dial(t, plain)
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		for {
			// A byte of data after each, or crypto/tls would count them.
			if _, err := raw.Write(append(s.keyUpdate(), s.record(typeData, []byte{1})...)); err != nil {
				return
			}
			select {
			case <-ended:
				return
			default:
			}
		}
	}()
	for alive := true; alive; {
		exchange(t, other, 1, 1) // a frozen core would end it by its deadline
		require.False(t, t.Failed())
		select {
		case <-ended:
			alive = false
		default:
		}
	}
	await(t, stop)
	exchange(t, other, 2, 3)
	require.ErrorIs(t, readErr.Load().(error), netio.ErrOverrun)
	require.True(t, errors.Is(writeErr.Load().(error), netio.ErrOverrun) || errors.Is(writeErr.Load().(error), net.ErrClosed), writeErr.Load())
	eventually(t, "it is counted", func() bool { s := h.r.Stats(); return s.Overrun == 1 && s.Conns == 1 })
}

// The same asked for by a peer that reads is answered.
func TestTLSKeyUpdate(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	got := make(chan byte, 1000)
	addr := h.listenTLS(serverTLS(), func(_ *exec.Co, c *netio.TLSConn) error {
		b := make([]byte, 1)
		for {
			if _, err := c.Read(b); err != nil {
				return err
			}
			got <- b[0]
		}
	})
	raw, s := dialRaw(t, addr, clientTLS())
	go func() { // our side answers
		b := make([]byte, 1000)
		for {
			if _, err := raw.Read(b); err != nil {
				return
			}
		}
	}()
	for i := range byte(100) {
		_, err := raw.Write(append(s.keyUpdate(), s.record(typeData, []byte{i})...))
		require.NoError(t, err)
		select {
		case b := <-got:
			require.Equal(t, i, b)
		case <-time.After(20 * time.Second):
			t.Fatal("it has not arrived")
		}
	}
	require.Zero(t, h.r.Stats().Overrun)
	_, err := raw.Write(s.record(typeAlert, []byte{1, 0}))
	require.NoError(t, err)
	eventually(t, "the close_notify is read", func() bool { return h.r.Stats().Conns == 0 })
}
