package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Every slot is with somebody and with nobody else, however unevenly workers give back.
func TestSlabKeepsEverySlot(t *testing.T) {
	const workers = 3
	s := newSlab(workers)
	held := make([][]uint32, workers)
	out := map[uint32]bool{}
	for round := range 20 * slots {
		w := round * round % workers
		slot, ok := s.take()
		if ok {
			require.False(t, out[slot], "slot %d is out already", slot)
			out[slot] = true
			held[w] = append(held[w], slot)
			continue
		}
		require.Len(t, out, slots, "take refuses only when all are out")
		back := held[w][:(len(held[w])+1)/2]
		held[w] = held[w][len(back):]
		require.True(t, s.back[w].PushAll(back))
		for _, slot := range back {
			delete(out, slot)
		}
	}
}

func TestSlabBytes(t *testing.T) {
	s := newSlab(1)
	x, _ := s.take()
	y, _ := s.take()
	s.put(x, []byte("first"))
	s.put(y, []byte("second"))
	require.Equal(t, "first", string(bytesOf(s.mem, &item{slot: x, n: 5})))
	require.Equal(t, "second", string(bytesOf(s.mem, &item{slot: y, n: 6})))
}
