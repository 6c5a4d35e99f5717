package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// readBuffer is the size of the one buffer between the file and pcapgo. pcapgo uses it as it is
// instead of adding its own, so a read system call is made once per MiB.
const readBuffer = 1 << 20

// pcapHeader is the size of a pcap file's header.
const pcapHeader = 24

// ngMagic starts every pcapng file, in either byte order.
const ngMagic = 0x0a0d0d0a

// fileSource reads a pcap or pcapng file, gzipped or not, one or more times over.
type fileSource struct {
	name   string
	format string // "pcap" or "pcapng"
	from   io.ReadSeeker
	closer io.Closer   // nil: nothing to close
	count  func(n int) // if not nil, is told the bytes of each read
	passes int         // passes to be made, the current one included
	total  int
	seen   uint64 // packets read in all passes: errors name the one they stopped at

	buf  *bufio.Reader
	gz   bool
	pcap *pcapgo.Reader   // one of these two
	ng   *pcapgo.NgReader // is set

	// The latest packet's link type and what linkOf made of it: it changes only in pcapng files
	// with several interfaces.
	linkType layers.LinkType
	link     link
	linkErr  error
}

// openFile opens a capture file to be read repeat times.
func openFile(path string, repeat int) (*fileSource, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	s, err := newFileSource(path, f, f, repeat)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return s, nil
}

// openBytes opens a capture file that is in memory.
func openBytes(name string, b []byte, repeat int) (*fileSource, error) {
	return newFileSource(name, bytes.NewReader(b), nil, repeat)
}

func newFileSource(name string, from io.ReadSeeker, closer io.Closer, repeat int) (*fileSource, error) {
	s := &fileSource{name: name, from: from, closer: closer, passes: repeat, total: repeat}
	s.buf = bufio.NewReaderSize(s, readBuffer)
	if repeat > 1 {
		if _, err := from.Seek(0, io.SeekStart); err != nil {
			return nil, fmt.Errorf("%s: cannot be read %d times: %w", name, repeat, err)
		}
	}
	if err := s.begin(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

// Read counts what passes from the file into the buffer.
func (s *fileSource) Read(b []byte) (int, error) {
	n, err := s.from.Read(b)
	if s.count != nil {
		s.count(n)
	}
	return n, err
}

// rewind starts the next pass. Where it can it keeps pcapgo's reader and its packet buffer: a
// small file may be read a million times.
func (s *fileSource) rewind() error {
	if _, err := s.from.Seek(0, io.SeekStart); err != nil {
		return err
	}
	s.buf.Reset(s)
	if s.pcap != nil && !s.gz {
		_, err := s.buf.Discard(pcapHeader)
		return err
	}
	return s.begin()
}

// begin reads the file's header.
func (s *fileSource) begin() error {
	r := s.buf
	if b, _ := r.Peek(2); len(b) == 2 && b[0] == 0x1f && b[1] == 0x8b {
		s.gz = true
		gz, err := gzip.NewReader(r)
		if err != nil {
			return noCapture(err)
		}
		r = bufio.NewReaderSize(gz, readBuffer)
	}
	b, err := r.Peek(4)
	if err != nil {
		return noCapture(err)
	}
	if binary.LittleEndian.Uint32(b) == ngMagic {
		s.format = "pcapng"
		s.ng, err = pcapgo.NewNgReader(r, pcapgo.NgReaderOptions{WantMixedLinkType: true})
	} else {
		s.format = "pcap"
		s.pcap, err = pcapgo.NewReader(r)
	}
	if err != nil {
		return noCapture(err)
	}
	if s.pcap == nil {
		s.setLink(layers.LinkTypeEthernet) // any will do: each packet names its own
		return nil
	}
	s.setLink(s.pcap.LinkType())
	return s.linkErr
}

// setLink remembers the link type of the packets to come.
func (s *fileSource) setLink(t layers.LinkType) {
	s.linkType = t
	s.link, s.linkErr = linkOf(t)
}

// noCapture explains an error in a file's first bytes.
func noCapture(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("ends within its header: not a pcap or pcapng file, or an empty one")
	}
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err // reading failed; the caller names the file
	}
	return fmt.Errorf("not a pcap or pcapng file: %w", err)
}

// next implements source. It allocates nothing per packet, with the exception that pcapgo makes
// of pcapng packets that carry options of their own.
func (s *fileSource) next(p *packet) error {
	for {
		err := s.read(p)
		if err == nil {
			s.seen++
			return nil
		}
		if err != io.EOF {
			return s.fault(err)
		}
		if s.passes--; s.passes == 0 {
			return io.EOF
		}
		if err := s.rewind(); err != nil {
			return s.fault(err)
		}
	}
}

// read reads one packet. io.EOF is the end of a whole file.
func (s *fileSource) read(p *packet) (err error) {
	var ci gopacket.CaptureInfo
	if s.pcap != nil {
		p.data, ci, err = s.pcap.ZeroCopyReadPacketData()
		if err == io.EOF && ci.CaptureLength != 0 {
			err = io.ErrUnexpectedEOF // a record header with nothing behind it
		}
	} else if p.data, ci, err = s.ng.ZeroCopyReadPacketData(); err == nil {
		if t, _ := ci.AncillaryData[0].(layers.LinkType); t != s.linkType {
			s.setLink(t)
		}
		err = s.linkErr
	}
	if err != nil {
		return err
	}
	p.wire, p.link, p.tagged, p.ts = uint32(ci.Length), s.link, false, 0
	if !ci.Timestamp.IsZero() {
		p.ts = ci.Timestamp.UnixNano()
	}
	return nil
}

// fault says where in the file reading stopped.
func (s *fileSource) fault(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the file ends in the middle of it (truncated)")
	}
	return fmt.Errorf("%s: packet %d: %w", s.name, s.seen+1, err)
}

func (s *fileSource) describe() string {
	d := fmt.Sprintf("%s (%s)", s.name, s.format)
	if s.total > 1 {
		d += fmt.Sprintf(" x %d", s.total)
	}
	return d
}

func (s *fileSource) live() bool { return false }
func (s *fileSource) loss() loss { return loss{} }

// size returns the number of bytes that reading will take, or -1 if that is not known.
func (s *fileSource) size() int64 {
	f, ok := s.from.(*os.File)
	if !ok {
		return -1
	}
	fi, err := f.Stat()
	if err != nil || !fi.Mode().IsRegular() || fi.Size() > math.MaxInt64/int64(s.total) {
		return -1
	}
	return fi.Size() * int64(s.total)
}

func (s *fileSource) close() error {
	if s.closer == nil {
		return nil
	}
	return s.closer.Close()
}
