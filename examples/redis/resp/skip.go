package resp

import "bytes"

// Header returns the number in the first line of a reply and the length of that line. The
// reply must be complete: it is one of this package's own.
func Header(b []byte) (n int64, size int) {
	end := bytes.IndexByte(b, '\n')
	n, _ = ParseInt(b[1 : end-1])
	return n, end + 1
}

// Skip returns the length of the first reply in b, which must be complete.
func Skip(b []byte) int {
	n, size := Header(b)
	switch b[0] {
	case '$', '=':
		if n < 0 {
			return size
		}
		return size + int(n) + 2
	case '*', '~', '%', '>':
		if b[0] == '%' {
			n *= 2
		}
		for range n {
			size += Skip(b[size:])
		}
	}
	return size
}

// IsError reports whether a reply is an error.
func IsError(b []byte) bool { return b[0] == '-' }
