package ring

import (
	"runtime"
	"testing"
	"weak"

	"github.com/stretchr/testify/require"
)

type blob [64]byte

// What was popped can be collected although the ring lives on and its slot was
// not overwritten.
func TestPoppedSlotsKeepNothingAlive(t *testing.T) {
	s, m := NewSPSC[*blob](8), NewMPSC[*blob](8)
	type end interface {
		PushBatch([]*blob) int
		Pop() (*blob, bool)
		PopBatch([]*blob) int
		Peek(int) ([]*blob, []*blob)
		Release(int)
	}
	for name, r := range map[string]end{"SPSC": s, "MPSC": m} {
		for how, take := range map[string]func() int{
			"Pop":      func() int { r.Pop(); return 1 },
			"PopBatch": func() int { return r.PopBatch(make([]*blob, 3)) },
			"Release":  func() int { r.Peek(3); r.Release(3); return 3 },
		} {
			blobs := []*blob{{}, {}, {}}
			refs := []weak.Pointer[blob]{weak.Make(blobs[0]), weak.Make(blobs[1]), weak.Make(blobs[2])}
			require.Equal(t, 3, r.PushBatch(blobs))
			blobs = nil
			for n := 0; n < 3; {
				n += take()
			}
			runtime.GC()
			for i := range refs {
				require.Nil(t, refs[i].Value(), "%s: item %d is alive after %s", name, i, how)
			}
		}
	}
	ref := func() weak.Pointer[blob] {
		b := new(blob)
		s.Stage(b)
		s.Recall()
		return weak.Make(b)
	}()
	runtime.GC()
	require.Nil(t, ref.Value(), "alive after Recall")
	ref = func() weak.Pointer[blob] {
		b := new(blob)
		s.Close()
		s.Push(b)
		return weak.Make(b)
	}()
	runtime.GC()
	require.Nil(t, ref.Value(), "a refused push keeps its item alive")
	runtime.KeepAlive(m)
}

func TestHoldsPointers(t *testing.T) {
	require.False(t, holdsPointers[uint64]())
	require.False(t, holdsPointers[struct {
		a [4]uint32
		b struct{ c float64 }
	}]())
	require.False(t, holdsPointers[[0]*int]())
	require.False(t, holdsPointers[struct{}]())
	require.True(t, holdsPointers[*int]())
	require.True(t, holdsPointers[string]())
	require.True(t, holdsPointers[[2]any]())
	require.True(t, holdsPointers[struct {
		a int
		f func()
	}]())
	require.True(t, holdsPointers[chan int]())
}

func TestNoOperationAllocates(t *testing.T) {
	s, m := NewSPSC[uint64](64), NewMPSC[uint64](64)
	ps := NewSPSC[*blob](64)
	vs, dst := make([]uint64, 32), make([]uint64, 32)
	b := new(blob)
	for name, f := range map[string]func(){
		"SPSC one":       func() { s.Push(1); s.Pop() },
		"SPSC pointer":   func() { ps.Push(b); ps.Pop() },
		"SPSC batch":     func() { s.PushBatch(vs); s.PopBatch(dst) },
		"SPSC all":       func() { s.PushAll(vs); s.PopBatch(dst) },
		"SPSC staged":    func() { s.Stage(1); s.Stage(2); s.Flush(); s.PopBatch(dst) },
		"SPSC zero copy": func() { a, _ := s.Reserve(8); s.Commit(len(a)); a, _ = s.Peek(8); s.Release(len(a)); s.PopBatch(dst) },
		"MPSC one":       func() { m.Push(1); m.Pop() },
		"MPSC batch":     func() { m.PushBatch(vs); m.PopBatch(dst) },
		"MPSC zero copy": func() { m.PushAll(vs); a, _ := m.Peek(8); m.Release(len(a)); m.PopBatch(dst) },
	} {
		require.Zero(t, testing.AllocsPerRun(200, f), name)
	}
}
