package http1

import "net/url"

// parse reads the head of a request, from the request line to the empty line, in one pass.
// It returns the length of the head, or 0 if b does not have all of it. maxFields is how many
// fields there may be.
//
// Lines end with CRLF and nothing else; there is one space between the parts of the request
// line, none before a colon, and no line is continued. Whoever is more tolerant may see two
// requests where another sees one.
func (r *Request) parse(b []byte, maxFields int) (n int, err *Error) {
	r.reset(b)
	r.inLine = true
	i, err := r.parseLine(b)
	if i == 0 || err != nil {
		return 0, err
	}
	r.inLine = false
	for i < len(b) {
		if b[i] == '\r' {
			if i+1 == len(b) {
				return 0, nil
			}
			if b[i+1] != '\n' {
				return 0, errBareCR
			}
			if err := r.frame(); err != nil {
				return 0, err
			}
			return i + 2, nil
		}
		if len(r.fields) == maxFields {
			return 0, errFieldsMany
		}
		f, next, err := parseField(b, i)
		if next == 0 || err != nil {
			return 0, err
		}
		r.fields = append(r.fields, f)
		if err := r.note(f); err != nil {
			return 0, err
		}
		i = next
	}
	return 0, nil
}

// parseLine reads the request line and returns where the next line begins, or 0.
func (r *Request) parseLine(b []byte) (next int, err *Error) {
	i := 0
	for i < len(b) && class[b[i]]&inToken != 0 {
		i++
	}
	if i == len(b) {
		return 0, nil
	}
	if b[i] != ' ' || i == 0 {
		return 0, errMethod
	}
	r.Method = method(b[:i])
	i++
	at, question, escaped := i, 0, false
	for ; i < len(b) && class[b[i]]&inTarget != 0; i++ {
		switch b[i] {
		case '?':
			if question == 0 {
				question = i
			}
		case '%':
			escaped = escaped || question == 0
		}
	}
	if i == len(b) {
		return 0, nil
	}
	if b[i] != ' ' || i == at {
		return 0, errLine
	}
	r.target = span{uint32(at), uint32(i)}
	r.path, r.query = r.target, span{}
	if question > 0 {
		r.path.end = uint32(question)
		r.query = span{uint32(question + 1), uint32(i)}
	}
	next, err = r.parseVersion(b, i+1)
	if next == 0 || err != nil {
		return 0, err
	}
	if b[at] != '/' || escaped {
		err = r.parseTarget()
	}
	return next, err
}

// parseVersion reads the version and the end of the line.
func (r *Request) parseVersion(b []byte, i int) (next int, err *Error) {
	const want = "HTTP/1.1\r\n"
	if v := b[i:min(i+len(want), len(b))]; string(v) == want {
		r.Minor = 1
		return i + len(want), nil
	}
	for k := range want {
		if i+k == len(b) {
			return 0, nil
		}
		c := b[i+k]
		switch {
		case c == want[k]:
		case k == 5 && c >= '0' && c <= '9':
			err = errVersion
		case k == 7 && c >= '0' && c <= '9':
		case c == '\n':
			return 0, errBareLF
		default:
			return 0, errLine
		}
	}
	if b[i+7] != '0' {
		r.Minor = int(b[i+7] - '0')
	}
	return i + len(want), err
}

// parseTarget reads a target that is not a plain path.
func (r *Request) parseTarget() *Error {
	if r.Method == "CONNECT" {
		return errConnect
	}
	target := string(r.Target())
	if target == "*" && r.Method == "OPTIONS" {
		return nil
	}
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return errTarget
	}
	if target[0] != '/' {
		if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
			return errTarget
		}
		if u.Path == "" {
			u.Path = "/"
		}
		r.url = u
	}
	r.path2 = u.Path
	return nil
}

// parseField reads one line of the form NAME: VALUE, which begins at b[i], and returns where
// the next line begins, or 0 if b ends before.
func parseField(b []byte, i int) (f field, next int, err *Error) {
	at := i
	for i < len(b) && class[b[i]]&inToken != 0 {
		i++
	}
	if i == len(b) {
		return f, 0, nil
	}
	if b[i] != ':' || i == at {
		switch {
		case i > at:
			return f, 0, errName
		case b[i] == ' ' || b[i] == '\t':
			return f, 0, errFold
		case b[i] == '\n':
			return f, 0, errBareLF
		}
		return f, 0, errName
	}
	f.name = span{uint32(at), uint32(i)}
	for i++; i < len(b) && (b[i] == ' ' || b[i] == '\t'); i++ {
	}
	at = i
	for i < len(b) && class[b[i]]&inValue != 0 {
		i++
	}
	if i+1 >= len(b) {
		if i < len(b) && b[i] != '\r' {
			return f, 0, valueError(b[i])
		}
		return f, 0, nil
	}
	if b[i] != '\r' {
		return f, 0, valueError(b[i])
	}
	if b[i+1] != '\n' {
		return f, 0, errBareCR
	}
	next = i + 2
	for i > at && (b[i-1] == ' ' || b[i-1] == '\t') {
		i--
	}
	f.value = span{uint32(at), uint32(i)}
	return f, next, nil
}

func valueError(c byte) *Error {
	if c == '\n' {
		return errBareLF
	}
	return errValue
}
