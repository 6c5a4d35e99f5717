package store

import "bytes"

// List is a sequence of strings in a ring: both ends are cheap, the middle is not. The zero
// value is empty.
type List struct {
	ring [][]byte // its length is a power of two, or 0
	head int      // place of the first element
	n    int
}

// Len returns the number of elements.
func (l *List) Len() int { return l.n }

func (l *List) slot(i int) *[]byte { return &l.ring[(l.head+i)&(len(l.ring)-1)] }

// At returns element i, from 0 to Len-1.
func (l *List) At(i int) []byte { return *l.slot(i) }

// Set replaces element i. Like all of List it copies what it is given.
func (l *List) Set(i int, v []byte) { *l.slot(i) = bytes.Clone(nonNil(v)) }

// PushBack and PushFront add an element.
func (l *List) PushBack(v []byte) {
	l.grow()
	l.n++
	l.Set(l.n-1, v)
}

func (l *List) PushFront(v []byte) {
	l.grow()
	l.head = (l.head - 1) & (len(l.ring) - 1)
	l.n++
	l.Set(0, v)
}

// PopFront and PopBack remove an element and return it. There must be one.
func (l *List) PopFront() []byte {
	s := l.slot(0)
	v := *s
	*s = nil
	l.head = (l.head + 1) & (len(l.ring) - 1)
	l.n--
	l.shrink()
	return v
}

func (l *List) PopBack() []byte {
	s := l.slot(l.n - 1)
	v := *s
	*s = nil
	l.n--
	l.shrink()
	return v
}

// Insert puts v before element i, or behind the last one if i is Len.
func (l *List) Insert(i int, v []byte) {
	l.PushBack(v)
	last := *l.slot(l.n - 1)
	for j := l.n - 1; j > i; j-- {
		*l.slot(j) = *l.slot(j - 1)
	}
	*l.slot(i) = last
}

// Keep removes all elements but those that keep wants, and returns how many it removed. It
// asks from the front, or from the back.
func (l *List) Keep(fromBack bool, keep func(v []byte) bool) (removed int) {
	to := 0
	for i := range l.n {
		from := i
		if fromBack {
			from = l.n - 1 - i
		}
		v := *l.slot(from)
		if !keep(v) {
			continue
		}
		if fromBack {
			*l.slot(l.n - 1 - to) = v
		} else {
			*l.slot(to) = v
		}
		to++
	}
	removed = l.n - to
	if fromBack {
		l.Trim(removed, l.n-1)
	} else {
		l.Trim(0, to-1)
	}
	return removed
}

// Trim keeps elements from to to, both included.
func (l *List) Trim(from, to int) {
	for l.n > to+1 {
		*l.slot(l.n - 1) = nil
		l.n--
	}
	for ; from > 0 && l.n > 0; from-- {
		*l.slot(0) = nil
		l.head = (l.head + 1) & (len(l.ring) - 1)
		l.n--
	}
	l.shrink()
}

func (l *List) grow() {
	if l.n == len(l.ring) {
		l.resize(max(4, 2*l.n))
	}
}

func (l *List) shrink() {
	if len(l.ring) > 64 && l.n < len(l.ring)/4 {
		l.resize(len(l.ring) / 2)
	}
}

func (l *List) resize(size int) {
	ring := make([][]byte, size)
	for i := range l.n {
		ring[i] = l.At(i)
	}
	l.ring, l.head = ring, 0
}
