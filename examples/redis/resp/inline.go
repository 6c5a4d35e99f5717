package resp

import "bytes"

// inline reads a line of words: the form for people with telnet.
func (p *Parser) inline(b []byte) (n int, err error) {
	end := bytes.IndexByte(b, '\n')
	if end < 0 {
		if len(b) > MaxInline {
			return 0, ProtocolError("too big inline request")
		}
		return 0, nil
	}
	line := b[:end]
	if len(line) > 0 && line[len(line)-1] == '\r' {
		line = line[:len(line)-1]
	}
	args, ok := words(p.Args, line)
	if !ok {
		return 0, ProtocolError("unbalanced quotes in request")
	}
	p.Args = args
	return end + 1, nil
}

// words splits a line at spaces. "double" and 'single' quotes hold words together, and within
// double ones \n, \r, \t, \b, \a and \xHH are what they are in C.
func words(args [][]byte, line []byte) ([][]byte, bool) {
	for i := 0; ; {
		for i < len(line) && isSpace(line[i]) {
			i++
		}
		if i >= len(line) || line[i] == 0 {
			return args, true
		}
		word, next, ok := oneWord(line, i)
		if !ok {
			return nil, false
		}
		args, i = append(args, word), next
	}
}

// oneWord reads the word that begins at line[i].
func oneWord(line []byte, i int) (word []byte, next int, ok bool) {
	word = []byte{}
	quote := byte(0)
	for ; ; i++ {
		if i >= len(line) || line[i] == 0 {
			return word, i, quote == 0
		}
		ch := line[i]
		switch {
		case quote == 0 && isSpace(ch):
			return word, i, true
		case quote == 0 && (ch == '"' || ch == '\''):
			quote = ch
		case quote == 0:
			word = append(word, ch)
		case ch == quote:
			// The word ends here: what follows must be a space.
			return word, i + 1, i+1 >= len(line) || isSpace(line[i+1])
		case quote == '"' && ch == '\\' && i+3 < len(line) && line[i+1] == 'x' && isHex(line[i+2]) && isHex(line[i+3]):
			word = append(word, hex(line[i+2])<<4|hex(line[i+3]))
			i += 3
		case quote == '"' && ch == '\\' && i+1 < len(line):
			i++
			word = append(word, unescape(line[i]))
		case quote == '\'' && ch == '\\' && i+1 < len(line) && line[i+1] == '\'':
			i++
			word = append(word, '\'')
		default:
			word = append(word, ch)
		}
	}
}

func unescape(ch byte) byte {
	switch ch {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'b':
		return '\b'
	case 'a':
		return '\a'
	}
	return ch
}

func isSpace(ch byte) bool { return ch == ' ' || ch >= '\t' && ch <= '\r' }

func isHex(ch byte) bool {
	return ch >= '0' && ch <= '9' || ch >= 'a' && ch <= 'f' || ch >= 'A' && ch <= 'F'
}

func hex(ch byte) byte {
	switch {
	case ch <= '9':
		return ch - '0'
	case ch <= 'F':
		return ch - 'A' + 10
	}
	return ch - 'a' + 10
}
