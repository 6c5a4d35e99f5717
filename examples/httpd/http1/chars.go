package http1

// Classes of bytes, as bits of class.
const (
	inToken  = 1 << iota // may be in a method or the name of a field
	inTarget             // may be in the target of a request
	inValue              // may be in the value of a field
	inHost               // may be in a host with a port
)

var class = func() (t [256]uint8) {
	for c := range 256 {
		switch {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
			t[c] |= inToken | inHost
		}
		if c > ' ' && c != 0x7f {
			t[c] |= inTarget
		}
		if c >= ' ' && c != 0x7f || c == '\t' {
			t[c] |= inValue
		}
	}
	for _, c := range "!#$%&'*+-.^_`|~" {
		t[c] |= inToken
	}
	for _, c := range ".-:[]_~%" {
		t[c] |= inHost
	}
	return t
}()

// is reports whether b is the name, which is in small letters and has only letters and
// hyphens, in any case. b has only bytes that may be in a token.
func is(b []byte, name string) bool {
	if len(b) != len(name) {
		return false
	}
	for i := range b {
		if b[i]|0x20 != name[i] {
			return false
		}
	}
	return true
}

// trim takes blanks off both ends.
func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

// elements calls f for each element of a comma-separated list that is not empty.
func elements(list []byte, f func(element []byte)) {
	for len(list) > 0 {
		i := 0
		for i < len(list) && list[i] != ',' {
			i++
		}
		if e := trim(list[:i]); len(e) > 0 {
			f(e)
		}
		list = list[min(i+1, len(list)):]
	}
}
