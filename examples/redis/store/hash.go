package store

import (
	"bytes"

	"github.com/pushcore/pushcore/examples/redis/resp"
)

// Hash is a map of fields.
type Hash struct {
	Dict[[]byte]
	limits *Limits
	large  bool // it was once
}

// Put sets a field and reports whether it is new. It keeps neither slice.
func (h *Hash) Put(field, value []byte) bool {
	n := h.Get(field)
	if n == nil {
		h.Add(string(field), bytes.Clone(nonNil(value)))
	} else {
		n.Value = append(n.Value[:0], value...)
	}
	if !h.large {
		most := h.limits.HashBytes.Load()
		h.large = int64(h.Len()) > h.limits.HashEntries.Load() || int64(len(field)) > most || int64(len(value)) > most
	}
	return n == nil
}

// Large reports whether Redis would keep it in a hash table.
func (h *Hash) Large() bool { return h.large }

// Set is a set of members.
type Set struct {
	Dict[struct{}]
	limits *Limits
	ints   bool // it has never had anything but integers, and not too many
}

// Insert adds a member and reports whether it is new.
func (s *Set) Insert(member []byte) bool {
	if s.Get(member) != nil {
		return false
	}
	s.Add(string(member), struct{}{})
	if s.ints {
		_, ok := resp.ParseInt(member)
		s.ints = ok && int64(s.Len()) <= s.limits.SetInts.Load()
	}
	return true
}

// Discard removes a member and reports whether it was there.
func (s *Set) Discard(member []byte) bool {
	n := s.Get(member)
	if n != nil {
		s.Remove(n)
	}
	return n != nil
}

// Ints reports whether Redis would keep it as integers.
func (s *Set) Ints() bool { return s.ints }

func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
