package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// agree checks what ties the reader to the workers, on any bytes: peek does not panic; the prefix
// it asks for is enough for the decoder; if the decoder finds a flow, its hash is peek's; and the
// same packet in the other direction has the same hash and the same key.
func agree(t testing.TB, d *decoder, l link, b []byte) {
	t.Helper()
	hash, need := peek(l, b)
	require.LessOrEqual(t, need, min(len(b), prefixLen))
	var all, some decoded
	d.decode(l, b[:min(len(b), prefixLen)], &all)
	d.decode(l, bytes.Clone(b[:need]), &some)
	require.Equal(t, all, some, "decoded from %d of %d bytes", need, len(b))
	if all.kind >= kindOther {
		return
	}
	require.Equal(t, all.key.hash(), hash)
	back := reversed(d, l, b)
	h, _ := peek(l, back)
	require.Equal(t, hash, h, "the other direction's hash")
	d.decode(l, back[:min(len(back), prefixLen)], &some)
	require.Equal(t, all.key, some.key, "the other direction's key")
	if k := all.key; k.aHi != k.bHi || k.aLo != k.bLo || k.ap != k.bp {
		require.Equal(t, 1-all.dir, some.dir)
	}
}

// reversed returns the packet as the other side would have sent it.
func reversed(d *decoder, l link, b []byte) []byte {
	b = bytes.Clone(b)
	var got decoded
	d.decode(l, b[:min(len(b), prefixLen)], &got)
	// The decoder's layers point into b.
	if got.attrs&attrV4 != 0 {
		swap(d.ip4.SrcIP, d.ip4.DstIP)
	} else {
		swap(d.ip6.src, d.ip6.dst)
	}
	if got.attrs&attrFrag != 0 {
		return b
	}
	switch got.key.proto {
	case protoTCP:
		swap(d.tcp.Contents[:2], d.tcp.Contents[2:4])
	case protoUDP:
		swap(d.udp.Contents[:2], d.udp.Contents[2:4])
	case protoICMP:
		if echo(protoICMP, d.icmp.Contents[0]) {
			d.icmp.Contents[0] ^= 8
		}
	case protoICMP6:
		if echo(protoICMP6, d.icm6.Contents[0]) {
			d.icm6.Contents[0] ^= 1
		}
	}
	return b
}

func swap(x, y []byte) {
	for i := range x {
		x[i], y[i] = y[i], x[i]
	}
}

func FuzzPeek(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(uint8(s.link), s.data)
	}
	d := newDecoder()
	f.Fuzz(func(t *testing.T, l uint8, b []byte) {
		agree(t, d, link(l)%linkCount, b)
	})
}

// FuzzFile reads files of any bytes: an error is right, a panic or an endless loop is not.
func FuzzFile(f *testing.F) {
	f.Add(demoCapture[:200])
	f.Add([]byte("\x0a\x0d\x0d\x0a\x1c\x00\x00\x00\x4d\x3c\x2b\x1a\x01\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x1c\x00\x00\x00"))
	f.Add([]byte("\x1f\x8b"))
	f.Fuzz(func(t *testing.T, b []byte) {
		src, err := openBytes("fuzz", b, 2)
		if err != nil {
			return
		}
		m := newMeter(100)
		var p packet
		for {
			if err := src.next(&p); err != nil {
				return
			}
			m.packet(p.link, p.data[:min(len(p.data), prefixLen)], p.wire, p.ts, p.tagged)
		}
	})
}
