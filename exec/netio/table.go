package netio

// file is what the Reactor watches: a connection, a listener, a packet socket.
type file interface {
	ready(flags uint32) // something has happened on it
	quiesce()           // a drain has begun
	abandon()           // the Exec has ended: close it
}

// What has happened on a file.
const (
	readable uint32 = 1 << iota
	writable
	urgent // there is, or was, urgent data of TCP
	hungUp // the other side has closed its writing end, or both are closed, or there is an error
	lost   // there is an error: a connection was reset, or the kernel has given it up
)

// table finds the file that an event is about. The kernel is given a key that names a place
// in the table and its generation, so that an event which was reported before its file was
// closed is not taken for one of the file that has the place now.
type table struct {
	slots []slot
	free  uint32 // 1 + the first free place, 0: none
}

type slot struct {
	f    file
	gen  uint32
	next uint32 // like free
}

// add gives f a place and returns its key.
func (t *table) add(f file) (key uint64) {
	if t.free == 0 {
		t.slots = append(t.slots, slot{})
		t.free = uint32(len(t.slots))
	}
	i := t.free - 1
	s := &t.slots[i]
	t.free = s.next
	s.f = f
	return uint64(s.gen)<<32 | uint64(i)
}

// remove frees the place of key.
func (t *table) remove(key uint64) {
	i := uint32(key)
	s := &t.slots[i]
	s.f = nil
	s.gen++
	s.next, t.free = t.free, i+1
}

// get returns the file of key, or nil if that is gone.
func (t *table) get(key uint64) file {
	i := uint32(key)
	if int(i) >= len(t.slots) || t.slots[i].gen != uint32(key>>32) {
		return nil
	}
	return t.slots[i].f
}

// each calls f for every file. f may remove it, and if it panics for one the others have
// their turn nevertheless.
func (t *table) each(f func(file)) { t.from(0, f) }

func (t *table) from(i int, f func(file)) {
	defer func() {
		if i < len(t.slots) {
			t.from(i, f)
		}
	}()
	for i < len(t.slots) {
		s := t.slots[i].f
		if i++; s != nil {
			f(s)
		}
	}
}
