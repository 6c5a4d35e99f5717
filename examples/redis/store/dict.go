package store

import (
	"hash/maphash"
	"math/rand/v2"
)

// Dict is a map whose elements also have places, from 0 to Len-1, without gaps. So one of
// them can be picked at random, and they can be visited some at a time while others come and
// go: see Scan. The zero value is empty.
type Dict[V any] struct {
	index index[V]
	dense []*Node[V]
}

// Node is an element of a Dict.
type Node[V any] struct {
	Key   string
	Value V
	place int32
}

// seed is that of all hashes of this package. Who splits keys by their hashes must take another
// one: the index needs all bits.
var seed = maphash.MakeSeed()

func hashBytes(key []byte) uint64  { return maphash.Bytes(seed, key) }
func hashString(key string) uint64 { return maphash.String(seed, key) }

// Len returns the number of elements.
func (d *Dict[V]) Len() int { return len(d.dense) }

// Get returns the element of key, or nil. It does not allocate.
func (d *Dict[V]) Get(key []byte) *Node[V] { return d.index.get(hashBytes(key), key) }

// Add adds an element for a key that has none, and returns it.
func (d *Dict[V]) Add(key string, v V) *Node[V] {
	n := &Node[V]{Key: key, Value: v, place: int32(len(d.dense))}
	d.index.add(hashString(key), n)
	d.dense = append(d.dense, n)
	return n
}

// Remove removes an element. The last one gets its place.
func (d *Dict[V]) Remove(n *Node[V]) {
	last := len(d.dense) - 1
	moved := d.dense[last]
	d.dense[n.place], moved.place = moved, n.place
	d.dense[last] = nil
	d.dense = d.dense[:last]
	d.index.remove(hashString(n.Key), n)
	if cap(d.dense) > 1024 && last < cap(d.dense)/4 {
		d.dense = append(make([]*Node[V], 0, cap(d.dense)/2), d.dense...)
	}
}

// All returns the elements in the order of their places. The slice is the Dict's own: it is
// valid until the next Add or Remove.
func (d *Dict[V]) All() []*Node[V] { return d.dense }

// Random returns one of the elements, each as likely as the others, or nil if there is none.
func (d *Dict[V]) Random() *Node[V] {
	if len(d.dense) == 0 {
		return nil
	}
	return d.dense[rand.IntN(len(d.dense))]
}

// Scan returns at most count elements that lie before place from, going down, and where to go
// on; 0 is the end. It begins with End. Whatever is in the Dict from the first call to the
// last is returned at least once: when an element is removed the last one moves to its place,
// and that one has been returned already, or is still to come.
func (d *Dict[V]) Scan(from, count int) (found []*Node[V], next int) {
	from = min(from, len(d.dense))
	next = max(from-count, 0)
	return d.dense[next:from], next
}

// End is where a Scan begins: no Dict has as many elements.
const End = 1<<31 - 1
