package store

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// spreads are hashes, good ones and bad ones.
var spreads = map[string]func(key []byte) uint64{
	"even":   hashBytes,
	"same":   func([]byte) uint64 { return 1<<63 | 7 },
	"few":    func(key []byte) uint64 { return hashBytes(key) % 3 << 62 },
	"low":    func(key []byte) uint64 { return hashBytes(key) >> 40 }, // the high bits are 0
	"high":   func(key []byte) uint64 { return hashBytes(key) << 40 }, // the low bits are 0
	"stairs": stairs,
	"last":   func(key []byte) uint64 { return hashBytes(key) | 2047 }, // all begin at the last slot of a table
}

// stairs is a hash that each split tells only a third of the keys apart by, if they come in order.
func stairs(key []byte) uint64 {
	i, _ := strconv.Atoi(string(key))
	ones := min(i/512, 40)
	return ^uint64(0)<<(64-ones) | hashBytes(key)>>(ones+1)
}

// modeled is an index and a map that must agree with it.
type modeled struct {
	t     testing.TB
	hash  func([]byte) uint64
	x     index[int]
	nodes map[string]*Node[int]
}

func newModeled(t testing.TB, hash func([]byte) uint64) *modeled {
	return &modeled{t: t, hash: hash, nodes: map[string]*Node[int]{}}
}

// flip adds a key, or removes it if it is there.
func (m *modeled) flip(key string) {
	h := m.hash([]byte(key))
	n := m.x.get(h, []byte(key))
	require.Same(m.t, m.nodes[key], n)
	if n == nil {
		n = &Node[int]{Key: key}
		m.nodes[key] = n
		m.x.add(h, n)
	} else {
		delete(m.nodes, key)
		m.x.remove(h, n)
	}
}

// check finds all keys, and what must be true of directory and tables.
func (m *modeled) check() {
	require.Equal(m.t, len(m.nodes), m.x.n)
	for key, n := range m.nodes {
		require.Same(m.t, n, m.x.get(m.hash([]byte(key)), []byte(key)))
	}
	require.Nil(m.t, m.x.get(m.hash([]byte("none")), []byte("none")))
	if m.x.dir == nil {
		return
	}
	require.Len(m.t, m.x.dir, 1<<(64-m.x.shift))
	total := 0
	for i := 0; i < len(m.x.dir); {
		t := m.x.dir[i]
		places := 1 << (64 - m.x.shift - t.common)
		require.Zero(m.t, i%places)
		for _, same := range m.x.dir[i : i+places] {
			require.Same(m.t, t, same)
		}
		used := 0
		for _, s := range t.slots {
			if s.node != nil {
				used++
				require.Same(m.t, t, m.x.dir[s.hash>>m.x.shift])
			}
		}
		require.Equal(m.t, used, t.used)
		require.LessOrEqual(m.t, used, len(t.slots)/4*3)
		total += used
		i += places
	}
	require.Equal(m.t, total, m.x.n)
}

// slots returns how many slots there are.
func (x *index[V]) slots() (n int) {
	for i := 0; i < len(x.dir); i += 1 << (64 - x.shift - x.dir[i].common) {
		n += len(x.dir[i].slots)
	}
	return n
}

// An index does what a map does, whatever the hash.
func TestIndexModel(t *testing.T) {
	for name, hash := range spreads {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 1))
			m := newModeled(t, hash)
			keys := 12_000
			if name == "same" || name == "few" || name == "last" {
				keys = 1500 // each lookup goes through all of them
			}
			for i := range 4 * keys {
				m.flip(fmt.Sprint(r.IntN(keys)))
				if i%(keys/2) == 0 {
					m.check()
				}
			}
			m.check()
		})
	}
}

// It grows by tables that are never larger than maxSlots, and its memory goes when the keys go.
func TestIndexGrowsAndShrinks(t *testing.T) {
	m := newModeled(t, hashBytes)
	const n = 50_000
	for i := range n {
		m.flip(fmt.Sprint(i))
	}
	m.check()
	for _, table := range m.x.dir {
		require.LessOrEqual(t, len(table.slots), maxSlots)
	}
	require.Less(t, m.x.slots(), 3*n)
	require.LessOrEqual(t, len(m.x.dir), n/256)
	tables := map[*table[int]]bool{}
	for _, table := range m.x.dir {
		tables[table] = true
	}
	for i := range n {
		m.flip(fmt.Sprint(i))
	}
	m.check()
	require.Equal(t, minSlots*len(tables), m.x.slots())
	require.Less(t, len(tables), n/700)
	for i := range n { // and again
		m.flip(fmt.Sprint(i))
	}
	m.check()
}

// Hashes that tell nothing apart make no large directory.
func TestIndexBadHash(t *testing.T) {
	for name, n := range map[string]int{"same": 4000, "few": 4000, "low": 10_000, "stairs": 10_000} {
		m := newModeled(t, spreads[name])
		for i := range n {
			m.flip(fmt.Sprint(i))
		}
		m.check()
		require.LessOrEqual(t, len(m.x.dir), 32, name)
	}
}

// A small index is small.
func TestIndexSmall(t *testing.T) {
	m := newModeled(t, hashBytes)
	require.Zero(t, m.x.slots())
	for i := range minSlots / 4 * 3 {
		m.flip(fmt.Sprint(i))
	}
	require.Equal(t, minSlots, m.x.slots())
	m.check()
	for i := range maxSlots/4*3 - minSlots {
		m.flip(fmt.Sprint("more", i))
	}
	require.Len(t, m.x.dir, 1)
	m.check()
}

// Whatever is added and removed, in whatever order, an index does what a map does. The first
// byte says how many bits of the hashes are any good.
func FuzzIndex(f *testing.F) {
	f.Add([]byte{64, 1, 0, 2, 0, 1, 0})
	f.Add(append([]byte{3}, make([]byte, 64)...))
	f.Add([]byte("a long story of keys that come and of keys that go, and that come again"))
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) == 0 {
			return
		}
		mask := ^uint64(0) << (64 - min(in[0], 64)) >> (in[0] % 5)
		m := newModeled(t, func(key []byte) uint64 { return hashBytes(key) & mask })
		for in = in[1:min(len(in), 1<<10)]; len(in) > 1; in = in[2:] {
			// A word is a run of keys, so that tables come to be split.
			word := binary.LittleEndian.Uint16(in)
			for i := range int(word>>8)%64 + 1 {
				m.flip(fmt.Sprint(int(word&0xff)*16 + i))
			}
		}
		m.check()
	})
}

// What one split takes, of a full table of maxSlots.
func BenchmarkSplit(b *testing.B) {
	full := newTable[int](maxSlots, 0)
	r := rand.New(rand.NewPCG(1, 1))
	for range maxSlots / 4 * 3 {
		full.put(slot[int]{r.Uint64(), &Node[int]{}})
	}
	for b.Loop() {
		x := index[int]{dir: []*table[int]{full}, shift: 64}
		x.split(full, 0)
	}
}

// What doubling the directory of 10 million keys takes: to 8192 places.
func BenchmarkDirectory(b *testing.B) {
	one := newTable[int](minSlots, 12)
	old := make([]*table[int], 4096)
	for i := range old {
		old[i] = one
	}
	for b.Loop() {
		x := index[int]{dir: old, shift: 64 - 12}
		x.split(one, 0)
	}
}
