package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"testing"
	"time"

	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/stretchr/testify/require"
)

// readAll reads a source to its end and returns its packets and the error, nil for the regular end.
func readAll(t *testing.T, src source) (ps []packet, err error) {
	t.Helper()
	for {
		var p packet
		if err = src.next(&p); err != nil {
			break
		}
		p.data = bytes.Clone(p.data)
		ps = append(ps, p)
	}
	require.NoError(t, src.close())
	if err == io.EOF {
		err = nil
	}
	return ps, err
}

func openAll(t *testing.T, path string, repeat int) ([]packet, error) {
	t.Helper()
	src, err := openFile(path, repeat)
	require.NoError(t, err)
	return readAll(t, src)
}

var pings = [][]byte{{1, 2, 3}, {4, 5, 6, 7}, {}}

func TestFilePcap(t *testing.T) {
	ps, err := openAll(t, writePcap(t, layers.LinkTypeRaw, pings...), 1)
	require.NoError(t, err)
	require.Len(t, ps, 3)
	for i, p := range ps {
		require.Equal(t, pings[i], p.data)
		require.Equal(t, linkRaw, p.link)
		require.Equal(t, time.Unix(1_700_000_000, int64(i)*1e6).UnixNano(), p.ts)
	}
}

// A capture of the other byte order, with microseconds, of a packet that was cut short.
func TestFilePcapBigEndian(t *testing.T) {
	be := binary.BigEndian
	b := be.AppendUint32(nil, 0xa1b2c3d4)
	b = be.AppendUint16(be.AppendUint16(b, 2), 4)
	for _, v := range []uint32{0, 0, 3, 276, 1_700_000_000, 7, 3, 1500} {
		b = be.AppendUint32(b, v)
	}
	ps, err := openAll(t, writeFile(t, "be.pcap", append(b, 9, 9, 9)), 1)
	require.NoError(t, err)
	require.Equal(t, []packet{{data: []byte{9, 9, 9}, wire: 1500, ts: 1_700_000_000_000_007_000, link: linkSLL2}}, ps)
}

// Each packet of a pcapng file has the link type, the time unit and the snap length of its own
// interface.
func TestFilePcapngInterfaces(t *testing.T) {
	var b bytes.Buffer
	w, err := pcapgo.NewNgWriterInterface(&b, pcapgo.NgInterface{LinkType: layers.LinkTypeEthernet, SnapLength: 64, TimestampResolution: 9}, pcapgo.NgWriterOptions{})
	require.NoError(t, err)
	ifs := []link{linkEthernet, linkSLL2, linkRaw}
	for _, l := range []layers.LinkType{layers.LinkTypeLinuxSLL2, layers.LinkTypeIPv6} {
		_, err := w.AddInterface(pcapgo.NgInterface{LinkType: l, SnapLength: 65535, TimestampResolution: 6})
		require.NoError(t, err)
	}
	for i := range 9 {
		ci := info(i, make([]byte, 20+i))
		ci.InterfaceIndex = i % 3
		require.NoError(t, w.WritePacket(ci, make([]byte, 20+i)))
	}
	require.NoError(t, w.Flush())
	for _, repeat := range []int{1, 3} {
		ps, err := openAll(t, writeFile(t, "test.pcapng", b.Bytes()), repeat)
		require.NoError(t, err)
		require.Len(t, ps, 9*repeat)
		for i, p := range ps {
			require.Equal(t, ifs[i%9%3], p.link)
			require.Len(t, p.data, 20+i%9)
			require.Equal(t, info(i%9, nil).Timestamp.UnixNano(), p.ts)
		}
	}
}

func TestFileGzip(t *testing.T) {
	for name, write := range map[string]string{"pcap": "testdata/demo.pcap", "pcapng": "testdata/demo.pcapng"} {
		want, err := openAll(t, write, 1)
		require.NoError(t, err)
		require.Len(t, want, 1500)
		plain, err := openAll(t, write, 2)
		require.NoError(t, err)
		require.Equal(t, append(want[:1500:1500], want...), plain)

		var z bytes.Buffer
		zw := gzip.NewWriter(&z)
		_, err = zw.Write(readFile(t, write))
		require.NoError(t, err)
		require.NoError(t, zw.Close())
		got, err := openAll(t, writeFile(t, name+".gz", z.Bytes()), 2)
		require.NoError(t, err)
		require.Equal(t, plain, got, name)

		cut := writeFile(t, name+".gz", z.Bytes()[:z.Len()/2])
		got, err = openAll(t, cut, 1)
		require.ErrorContains(t, err, "truncated")
		require.NotEmpty(t, got)
	}
}

// Wherever a file is cut, what is before the cut is read, and the error names the packet.
func TestFileTruncated(t *testing.T) {
	whole := readFile(t, writePcap(t, layers.LinkTypeEthernet, make([]byte, 10), make([]byte, 10)))
	const first, second = pcapHeader + 16 + 10, pcapHeader + 2*(16+10)
	for n := range len(whole) {
		src, err := openFile(writeFile(t, "cut.pcap", whole[:n]), 1)
		if n < pcapHeader {
			require.ErrorContains(t, err, "ends within its header", "%d bytes", n)
			continue
		}
		require.NoError(t, err)
		ps, err := readAll(t, src)
		switch {
		case n == pcapHeader || n == first:
			require.NoError(t, err, "%d bytes", n)
		case n < first:
			require.ErrorContains(t, err, "packet 1: the file ends in the middle of it (truncated)", "%d bytes", n)
			require.Empty(t, ps)
		case n < second:
			require.ErrorContains(t, err, "packet 2: the file ends in the middle of it (truncated)", "%d bytes", n)
			require.Len(t, ps, 1)
		}
	}
}

func TestFileRefused(t *testing.T) {
	_, err := openFile("testdata/missing.pcap", 1)
	require.EqualError(t, err, "open testdata/missing.pcap: no such file or directory")
	_, err = openFile(t.TempDir(), 1)
	require.ErrorContains(t, err, "is a directory")
	_, err = openFile("testdata/gen.go", 1)
	require.ErrorContains(t, err, "testdata/gen.go: not a pcap or pcapng file")
	_, err = openFile(writePcap(t, layers.LinkTypeIEEE802_11, pings...), 1)
	require.ErrorContains(t, err, "link type 105 (802.11) is not supported (supported: Ethernet (1), ")
	_, err = openFile(writePcap(t, 300, pings...), 1)
	require.ErrorContains(t, err, "link type 300 is not supported")
}

// A record that claims more than a file can hold is a fault, and no reason to allocate as much.
func TestFileCorrupt(t *testing.T) {
	b := readFile(t, writePcap(t, layers.LinkTypeEthernet, make([]byte, 10), make([]byte, 10)))
	binary.LittleEndian.PutUint32(b[pcapHeader+26+8:], 1<<31)
	ps, err := openAll(t, writeFile(t, "bad.pcap", b), 1)
	require.ErrorContains(t, err, "packet 2: capture length exceeds")
	require.Len(t, ps, 1)
}

func TestFileCountsBytes(t *testing.T) {
	n := 0
	src, err := openFile("testdata/demo.pcap", 3)
	require.NoError(t, err)
	n = len(demoCapture) // opening has filled the buffer
	src.count = func(k int) { n += k }
	size := src.size()
	_, err = readAll(t, src)
	require.NoError(t, err)
	require.EqualValues(t, size, n)
	require.EqualValues(t, 3*len(demoCapture), n)
}

// Packets without a time come from pcapng's simple packet blocks.
func TestFileNoTimes(t *testing.T) {
	b := readFile(t, "testdata/demo.pcapng")
	le := binary.LittleEndian
	idb := le.Uint32(b[4:]) // the section header's length
	head := b[:idb+le.Uint32(b[idb+4:])]
	p := frame(t, eth(etht4), ip4(b1, a1, tcpp), tcp(20, 10), data(20))
	spb := le.AppendUint32(le.AppendUint32(nil, 3), uint32(16+(len(p)+3)&^3))
	spb = le.AppendUint32(spb, uint32(len(p)))
	spb = append(spb, p...)
	spb = append(spb, make([]byte, (4-len(p)%4)%4)...)
	spb = le.AppendUint32(spb, uint32(16+(len(p)+3)&^3))
	ps, err := openAll(t, writeFile(t, "spb.pcapng", append(bytes.Clone(head), spb...)), 1)
	require.NoError(t, err)
	require.Len(t, ps, 1)
	require.Zero(t, ps[0].ts)
	m := newMeter(9)
	m.packet(ps[0].link, ps[0].data, ps[0].wire, ps[0].ts, false)
	row := newFlowRow(&m.tab.flows[0])
	require.Equal(t, flowRow{Proto: "tcp", A: "10.0.0.2", APort: 20, B: "10.0.0.1", BPort: 10, PacketsAB: 1, BytesAB: 74}, row)
}
