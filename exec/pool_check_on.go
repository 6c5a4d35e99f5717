//go:build race || execcheck

package exec

import (
	"fmt"
	"reflect"
	"sync"
	"unsafe"
)

// poison fills free objects that hold no pointers: a value that stands out as a
// length, an index, an address or a text.
const poison = 0xDB

// poolCheck knows the objects of a pool that are live or free and what the free
// ones held.
type poolCheck[T any] struct {
	mu      sync.Mutex
	objects map[*T]*poolObject[T]
	fill    byte // what a free object consists of
}

type poolObject[T any] struct {
	free bool
	held T // while free: what Get will put back
}

// made adds an object that is live.
func (c *poolCheck[T]) made(pool string, v *T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.objects == nil {
		c.objects = map[*T]*poolObject[T]{}
		if !pointers(reflect.TypeFor[T]()) {
			c.fill = poison
		}
	}
	if c.objects[v] != nil {
		panic(fmt.Sprintf("exec: New of pool %q returned object %p, which the pool has already: it must make a new one", pool, v))
	}
	c.objects[v] = &poolObject[T]{}
}

// taken makes a free object live.
func (c *poolCheck[T]) taken(pool string, v *T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.objects[v]
	c.open(pool, v, o)
	o.free = false
}

// freed makes a live object free.
func (c *poolCheck[T]) freed(pool string, v *T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch o := c.objects[v]; {
	case o == nil:
		panic(fmt.Sprintf("exec: object %p was put into pool %q, which does not have it: it was not taken from this pool, or it was put twice and dropped in between", v, pool))
	case o.free:
		panic(fmt.Sprintf("exec: object %p was put into pool %q twice", v, pool))
	default:
		c.shut(v, o)
	}
}

// reset calls f on a free object as its last user left it. It stays free, so that
// f cannot put it.
func (c *poolCheck[T]) reset(pool string, v *T, f func(v *T)) {
	c.mu.Lock()
	o := c.objects[v]
	c.open(pool, v, o)
	c.mu.Unlock()
	f(v) // without the lock: it may use the pool
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shut(v, o)
}

// forget ends the pool's interest in a free object.
func (c *poolCheck[T]) forget(v *T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.objects, v)
}

// shut keeps what v holds and fills it.
func (c *poolCheck[T]) shut(v *T, o *poolObject[T]) {
	o.free, o.held = true, *v
	if c.fill == 0 {
		reflect.ValueOf(v).Elem().SetZero() // an assignment would leave padding as it is
		return
	}
	for i, b := 0, bytesOf(v); i < len(b); i++ {
		b[i] = c.fill
	}
}

// open panics when v was written to while it was free, and puts back what it
// held.
func (c *poolCheck[T]) open(pool string, v *T, o *poolObject[T]) {
	for i, b := range bytesOf(v) {
		if b != c.fill {
			panic(fmt.Sprintf("exec: object %p of pool %q was written after Put: byte %d of %d is %#02x instead of %#02x", v, pool, i, unsafe.Sizeof(*v), b, c.fill))
		}
	}
	*v = o.held
	var none T
	o.held = none
}

func bytesOf[T any](v *T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(v)), unsafe.Sizeof(*v))
}

// pointers reports whether the garbage collector looks into a value of type t.
func pointers(t reflect.Type) bool {
	switch k := t.Kind(); k {
	case reflect.Array:
		return t.Len() > 0 && pointers(t.Elem())
	case reflect.Struct:
		for f := range t.Fields() {
			if pointers(f.Type) {
				return true
			}
		}
		return false
	default:
		return k < reflect.Bool || k > reflect.Complex128
	}
}
