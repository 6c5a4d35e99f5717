package resp

import "strconv"

// The versions of the protocol.
const (
	V2 = 2
	V3 = 3
)

// Replies that never change.
const (
	OK   = "+OK\r\n"
	Pong = "+PONG\r\n"
)

// line appends a type, a number and the end of the line.
func line(b []byte, kind byte, n int64) []byte {
	b = append(b, kind)
	if n >= 0 && n < 10 {
		return append(b, byte('0'+n), '\r', '\n')
	}
	b = strconv.AppendInt(b, n, 10)
	return append(b, '\r', '\n')
}

// AppendInt appends an integer.
func AppendInt(b []byte, n int64) []byte { return line(b, ':', n) }

// AppendBulk appends a string of any bytes.
func AppendBulk[S []byte | string](b []byte, s S) []byte {
	b = line(b, '$', int64(len(s)))
	b = append(b, s...)
	return append(b, '\r', '\n')
}

// AppendBulkInt appends an integer as a string.
func AppendBulkInt(b []byte, n int64) []byte {
	var digits [20]byte
	return AppendBulk(b, strconv.AppendInt(digits[:0], n, 10))
}

// AppendSimple appends a status, which is one line.
func AppendSimple(b []byte, s string) []byte {
	b = append(b, '+')
	b = append(b, s...)
	return append(b, '\r', '\n')
}

// AppendError appends an error. Line ends in it become spaces: it is one line.
func AppendError(b []byte, s string) []byte {
	b = append(b, '-')
	for i := range len(s) {
		ch := s[i]
		if ch == '\r' || ch == '\n' {
			ch = ' '
		}
		b = append(b, ch)
	}
	return append(b, '\r', '\n')
}

// AppendNull appends the absence of a string.
func AppendNull(b []byte, v int) []byte {
	if v == V3 {
		return append(b, "_\r\n"...)
	}
	return append(b, "$-1\r\n"...)
}

// AppendNullArray appends the absence of an array.
func AppendNullArray(b []byte, v int) []byte {
	if v == V3 {
		return append(b, "_\r\n"...)
	}
	return append(b, "*-1\r\n"...)
}

// AppendArray appends the beginning of an array of n replies, which follow.
func AppendArray(b []byte, n int) []byte { return line(b, '*', int64(n)) }

// AppendMap appends the beginning of a map of n pairs of replies: an array of both in RESP2.
func AppendMap(b []byte, v, n int) []byte {
	if v == V3 {
		return line(b, '%', int64(n))
	}
	return line(b, '*', int64(2*n))
}

// AppendSet appends the beginning of a set of n replies: an array in RESP2.
func AppendSet(b []byte, v, n int) []byte {
	if v == V3 {
		return line(b, '~', int64(n))
	}
	return line(b, '*', int64(n))
}

// AppendVerbatim appends text that is meant to be shown as it is.
func AppendVerbatim(b []byte, v int, s string) []byte {
	if v != V3 {
		return AppendBulk(b, s)
	}
	b = line(b, '=', int64(len(s)+4))
	b = append(b, "txt:"...)
	b = append(b, s...)
	return append(b, '\r', '\n')
}
