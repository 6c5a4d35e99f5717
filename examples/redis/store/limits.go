package store

import "sync/atomic"

// Limits are the sizes up to which Redis keeps collections in its compact encodings. Here they
// only decide what OBJECT ENCODING says. Any goroutine may change them.
type Limits struct {
	HashEntries, HashBytes, SetInts atomic.Int64
}

// DefaultLimits returns those of a Redis that is told nothing.
func DefaultLimits() *Limits {
	l := &Limits{}
	l.HashEntries.Store(512)
	l.HashBytes.Store(64)
	l.SetInts.Store(512)
	return l
}

// usual are those of values that no DB with others has.
var usual = DefaultLimits()

// limit has a value go by other limits.
func (v *Value) limit(l *Limits) {
	switch v.Kind {
	case HashKind:
		v.Hash().limits = l
	case SetKind:
		v.Set().limits = l
	}
}

// NewValue is the function of that name, with the limits of db.
func (db *DB) NewValue(k Kind) Value {
	v := NewValue(k)
	if db.Limits != nil {
		v.limit(db.Limits)
	}
	return v
}
