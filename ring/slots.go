package ring

import (
	"fmt"
	"math/bits"
	"reflect"
)

// maxCapacity keeps a mistaken capacity (a negative number that was converted,
// a size in bytes) from turning into an allocation that cannot be met.
const maxCapacity = 1 << 30

// shortCopy is the length up to which an inlined loop copies faster than a call
// to memmove (measured on pointer-free 8-byte values: 16 items are about equal).
const shortCopy = 16

// makeSlots allocates the storage for capacity items: the next power of two, so
// that a position becomes a slot by masking.
func makeSlots[T any](kind string, capacity int) []T {
	if capacity < 1 || capacity > maxCapacity {
		panic(fmt.Sprintf("ring: %s capacity %d is out of range: it must be from 1 to %d", kind, capacity, maxCapacity))
	}
	return make([]T, 1<<bits.Len(uint(capacity-1)))
}

// span returns the n slots from index i on as one run, or two where they wrap.
// The caller has made sure that i < len(slots) and n <= len(slots).
func span[T any](slots []T, i, n uint64) (a, b []T) {
	if room := uint64(len(slots)) - i; n > room {
		return slots[i:], slots[:n-room]
	}
	return slots[i : i+n], nil
}

// move copies src to dst, which is no shorter. Pointer-free short runs go
// through a loop, the rest through memmove; with pointers, copy checks for the
// write barrier once instead of once per item.
func move[T any](dst, src []T, pointers bool) {
	if len(src) > shortCopy || pointers {
		copy(dst, src)
		return
	}
	dst = dst[:len(src)]
	//lint:ignore S1001 the loop is the point: see shortCopy
	for i := range src {
		dst[i] = src[i]
	}
}

// holdsPointers reports whether the garbage collector looks into a T.
func holdsPointers[T any]() bool { return kindHoldsPointers(reflect.TypeFor[T]()) }

func kindHoldsPointers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return t.Len() > 0 && kindHoldsPointers(t.Elem())
	case reflect.Struct:
		for f := range t.Fields() {
			if kindHoldsPointers(f.Type) {
				return true
			}
		}
		return false
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return false
	}
	return true
}
