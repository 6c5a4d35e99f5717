package command

// Match reports whether s matches a pattern with *, ?, [abc], [^a-c] and \ before what is to
// be taken as it is. It takes time in proportion to the product of the lengths at worst.
func Match(pattern []byte, s string, fold bool) bool {
	p, i := 0, 0
	star, mark := -1, 0 // where the last * was, and how far it reaches so far
	for i < len(s) {
		if p < len(pattern) && pattern[p] == '*' {
			star, mark = p, i
			p++
			continue
		}
		if p < len(pattern) {
			if next, ok := matchOne(pattern, p, s[i], fold); ok {
				p, i = next, i+1
				continue
			}
		}
		if star < 0 {
			return false
		}
		mark++
		p, i = star+1, mark
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// matchOne matches one byte with what is at pattern[p], and returns what comes after that.
func matchOne(pattern []byte, p int, ch byte, fold bool) (next int, ok bool) {
	switch pattern[p] {
	case '?':
		return p + 1, true
	case '[':
		return matchClass(pattern, p+1, ch, fold)
	case '\\':
		if p+1 < len(pattern) {
			p++
		}
	}
	return p + 1, same(pattern[p], ch, fold)
}

// matchClass matches the inside of brackets. A class that is not closed ends with the pattern.
func matchClass(pattern []byte, p int, ch byte, fold bool) (next int, ok bool) {
	not := p < len(pattern) && pattern[p] == '^'
	if not {
		p++
	}
	found := false
	for ; p < len(pattern) && pattern[p] != ']'; p++ {
		switch {
		case pattern[p] == '\\' && p+1 < len(pattern):
			p++
			found = found || pattern[p] == ch
		case p+2 < len(pattern) && pattern[p+1] == '-':
			from, to := lower(pattern[p], fold), lower(pattern[p+2], fold)
			if from > to {
				from, to = to, from
			}
			c := lower(ch, fold)
			found = found || c >= from && c <= to
			p += 2
		default:
			found = found || same(pattern[p], ch, fold)
		}
	}
	return min(p+1, len(pattern)), found != not
}

func same(a, b byte, fold bool) bool { return lower(a, fold) == lower(b, fold) }

func lower(ch byte, fold bool) byte {
	if fold && ch >= 'A' && ch <= 'Z' {
		return ch + 'a' - 'A'
	}
	return ch
}
