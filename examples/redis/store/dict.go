package store

import (
	"hash/maphash"
	"iter"
	"math/rand/v2"
)

// Dict is a map whose elements also have places, from 0 to Len-1, without gaps. So one of
// them can be picked at random, and they can be visited some at a time while others come and
// go: see Scan. The zero value is empty.
type Dict[V any] struct {
	index index[V]
	nodes places[V]
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
func (d *Dict[V]) Len() int { return d.nodes.n }

// Get returns the element of key, or nil. It does not allocate.
func (d *Dict[V]) Get(key []byte) *Node[V] { return d.index.get(hashBytes(key), key) }

// Add adds an element for a key that has none, and returns it.
func (d *Dict[V]) Add(key string, v V) *Node[V] {
	n := &Node[V]{Key: key, Value: v}
	d.index.add(hashString(key), n)
	d.nodes.push(n)
	return n
}

// Remove removes an element. The last one gets its place.
func (d *Dict[V]) Remove(n *Node[V]) {
	d.index.remove(hashString(n.Key), n)
	d.nodes.remove(n)
}

// At returns the element at a place, from 0 to Len-1.
func (d *Dict[V]) At(place int) *Node[V] { return d.nodes.at(place) }

// All visits the elements in the order of their places. None may be removed meanwhile.
func (d *Dict[V]) All() iter.Seq[*Node[V]] {
	return func(yield func(*Node[V]) bool) {
		for i := 0; i < d.Len() && yield(d.At(i)); i++ {
		}
	}
}

// Random returns one of the elements, each as likely as the others, or nil if there is none.
func (d *Dict[V]) Random() *Node[V] {
	if d.Len() == 0 {
		return nil
	}
	return d.At(rand.IntN(d.Len()))
}

// Scan visits at most count elements that lie before place from, going down, and returns where
// to go on; 0 is the end. It begins with End. Whatever is in the Dict from the first call to
// the last is visited at least once: when an element is removed the last one moves to its
// place, and that one has been visited already, or is still to come. The one that is visited
// may be removed.
func (d *Dict[V]) Scan(from, count int, visit func(n *Node[V])) (next int) {
	from = min(from, d.Len())
	next = max(from-count, 0)
	for i := from - 1; i >= next; i-- {
		visit(d.At(i))
	}
	return next
}

// End is where a Scan begins: no Dict has as many elements.
const End = 1<<31 - 1
