package store

import "iter"

// DB is a keyspace. Times are in milliseconds since 1970.
type DB struct {
	keys   Dict[Value]
	timers timers
	warmed uint64 // see Warm

	// Limits are those of the values that it has been given since they were set. nil: the usual ones.
	Limits *Limits
}

// New returns an empty DB.
func New() *DB { return &DB{} }

// Len returns the number of keys, those included that have expired and were not removed yet.
func (db *DB) Len() int { return db.keys.Len() }

// Expiring returns the number of keys that will expire.
func (db *DB) Expiring() int { return len(db.timers) }

// Get returns the entry of key, or nil. It may have expired: see Expired.
func (db *DB) Get(key []byte) *Entry { return db.keys.Get(key) }

// All visits the entries, which may have expired. None may be removed meanwhile: see Scan.
func (db *DB) All() iter.Seq[*Entry] { return db.keys.All() }

// Random returns an entry, or nil.
func (db *DB) Random() *Entry { return db.keys.Random() }

// Scan visits some of the entries: see Dict.Scan.
func (db *DB) Scan(from, count int, visit func(e *Entry)) (next int) {
	return db.keys.Scan(from, count, visit)
}

// Put gives key the value v, in the place of what it had, and keeps when it expires. The
// value belongs to the DB from then on.
func (db *DB) Put(key []byte, v Value) *Entry {
	if db.Limits != nil {
		v.limit(db.Limits)
	}
	e := db.keys.Get(key)
	if e == nil {
		return db.keys.Add(string(key), v)
	}
	v.timer = e.Value.timer
	e.Value = v
	return e
}

// SetString gives key a string, which is copied, in the place of what it had, and keeps when
// it expires. It uses the memory again that the key has.
func (db *DB) SetString(key, s []byte) *Entry {
	e := db.keys.Get(key)
	if e == nil {
		return db.keys.Add(string(key), Value{Bytes: append(make([]byte, 0, len(s)), s...)})
	}
	db.Overwrite(e, s)
	return e
}

// Overwrite is SetString of an entry that is there.
func (db *DB) Overwrite(e *Entry, s []byte) {
	v := &e.Value
	v.Kind, v.Raw, v.obj = String, false, nil
	if cap(v.Bytes) > 1024 && len(s) < cap(v.Bytes)/4 {
		v.Bytes = nil
	}
	v.Bytes = append(v.Bytes[:0], s...)
	if v.Bytes == nil {
		v.Bytes = []byte{}
	}
}

// Delete removes an entry.
func (db *DB) Delete(e *Entry) {
	db.timers.remove(e)
	db.keys.Remove(e)
}

// Flush removes all. It takes no time: the memory is the garbage collector's.
func (db *DB) Flush() { db.keys, db.timers = Dict[Value]{}, nil }
