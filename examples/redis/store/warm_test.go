package store

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// An entry takes one line of the cache.
func TestEntrySize(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) == 8 {
		require.EqualValues(t, 64, unsafe.Sizeof(Entry{}))
	}
}

// near finds what get finds, where no two hashes are the same.
func TestNear(t *testing.T) {
	var x index[int]
	var found [Batch]*Node[int]
	hashes := []uint64{1, 2, 1 << 63, hashString("none")}
	require.Zero(t, x.near(hashes, found[:]))
	var want []*Node[int]
	for i, h := range hashes[:3] {
		want = append(want, &Node[int]{Key: fmt.Sprint(i)})
		x.add(h, want[i])
	}
	require.NotZero(t, x.near(hashes, found[:]))
	require.Equal(t, append(want, nil), found[:4])
}

// Warm changes nothing, whatever the keys are.
func TestWarm(t *testing.T) {
	db := New()
	var keys [][]byte
	db.Warm(keys)
	for i := range Batch + 5 {
		keys = append(keys, fmt.Append(nil, i))
		switch e := db.SetString(keys[i], keys[i][1:]); i % 4 {
		case 0:
			db.Delete(e)
		case 1:
			db.ExpireAt(e, int64(i))
		case 2:
			db.Put(keys[i], NewValue(HashKind))
		}
	}
	db.SetString(nil, nil)
	keys[3] = nil
	n := db.Len()
	db.Warm(keys)
	require.Equal(t, n, db.Len())
	require.NotZero(t, db.warmed)
	require.Zero(t, testing.AllocsPerRun(10, func() { db.Warm(keys) }))
}

// What a lookup takes among a million keys, alone and with those of a pipeline of 16.
func BenchmarkGet(b *testing.B) {
	db := New()
	var keys [][]byte
	for i := range 1 << 20 {
		keys = append(keys, fmt.Appendf(nil, "key:%012d", i))
		db.SetString(keys[i], keys[i])
	}
	rand.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	for _, warm := range []bool{false, true} {
		b.Run(fmt.Sprintf("warm=%v", warm), func(b *testing.B) {
			sum := 0
			for i := 0; b.Loop(); i++ {
				if i%16 == 0 && warm {
					at := i % len(keys)
					db.Warm(keys[at : at+16])
				}
				sum += len(db.Get(keys[i%len(keys)]).Value.Bytes)
			}
			require.NotZero(b, sum)
		})
	}
}
