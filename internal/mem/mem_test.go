package mem

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func TestIndexStoresAndLoads(t *testing.T) {
	var x Index
	for _, v := range []uint64{0, 1, 1 << 32, ^uint64(0)} {
		x.StoreRelease(v)
		require.Equal(t, v, x.Load())
	}
	require.True(t, x.CompareAndSwap(^uint64(0), 7))
	require.False(t, x.CompareAndSwap(0, 8))
	require.EqualValues(t, 7, x.Load())
}

func TestIndexIsAlignedOn32Bit(t *testing.T) {
	var s struct {
		b byte
		x Index
	}
	require.Zero(t, uintptr(unsafe.Pointer(&s.x))%8)
}

func TestStoreReleaseAll(t *testing.T) {
	dst := make([]Index, 5)
	StoreReleaseAll(dst, nil)
	StoreReleaseAll(dst, []uint64{1, 2, 3, ^uint64(0)})
	for i, want := range []uint64{1, 2, 3, ^uint64(0), 0} {
		require.Equal(t, want, dst[i].Load())
	}
	require.Panics(t, func() { StoreReleaseAll(dst[:1], []uint64{1, 2}) })
}

// A value written before StoreRelease is seen by whoever loads the new index.
func TestStoreReleasePublishes(t *testing.T) {
	if runtime.GOMAXPROCS(0) < 2 {
		t.Skip("needs two processors")
	}
	const rounds = 100_000
	var data [64]uint64
	var x, back Index
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := uint64(1); i <= rounds; i++ {
			data[i%64] = i
			x.StoreRelease(i)
			for back.Load() != i {
				runtime.Gosched()
			}
		}
	})
	for i := uint64(1); i <= rounds; i++ {
		for x.Load() != i {
			runtime.Gosched()
		}
		if data[i%64] != i {
			t.Fatalf("round %d: the index arrived before the data", i)
		}
		back.StoreRelease(i)
	}
	wg.Wait()
}

// barrier lets two goroutines go on together, round after round.
type barrier struct{ arrived atomic.Int64 }

func (b *barrier) wait(round int64) {
	b.arrived.Add(1)
	for b.arrived.Load() < 2*round {
		runtime.Gosched()
	}
}

// Dekker with the fences where the package says they belong: the two sides
// never both miss each other. (Without Membarrier this fails on amd64.)
func TestNeedFenceAndMembarrierMakeDekkerSafe(t *testing.T) {
	RegisterMembarrier()
	const rounds = 20_000
	var frequent, rare Index
	var frequentSaw, rareSaw uint64
	var start, end barrier
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := int64(1); i <= rounds; i++ {
			start.wait(i)
			frequent.StoreRelease(uint64(i))
			if NeedFence() {
				Fence()
			}
			frequentSaw = rare.Load()
			end.wait(i)
		}
	})
	for i := int64(1); i <= rounds; i++ {
		start.wait(i)
		rare.StoreRelease(uint64(i))
		Membarrier()
		rareSaw = frequent.Load()
		end.wait(i)
		if frequentSaw != uint64(i) && rareSaw != uint64(i) {
			t.Errorf("round %d: neither side saw the other", i)
			break
		}
	}
	if !t.Failed() {
		wg.Wait()
	}
}

func TestTicksTrackTheClock(t *testing.T) {
	TicksDuration(0) // calibrate
	start, c := time.Now(), Ticks()
	time.Sleep(20 * time.Millisecond)
	got, want := TicksDuration(Ticks()-c), time.Since(start)
	require.InEpsilon(t, float64(want), float64(got), 0.05)
}

func TestPauseIsHarmless(t *testing.T) {
	Pause()
	Fence()
}

func BenchmarkStoreRelease(b *testing.B) {
	var x Index
	for i := 0; b.Loop(); i++ {
		x.StoreRelease(uint64(i))
	}
}

func BenchmarkStoreReleaseAll32(b *testing.B) {
	dst, src := make([]Index, 32), make([]uint64, 32)
	for b.Loop() {
		StoreReleaseAll(dst, src)
	}
}

func BenchmarkAtomicStore(b *testing.B) {
	var x atomic.Uint64
	for i := 0; b.Loop(); i++ {
		x.Store(uint64(i))
	}
}

func BenchmarkTicks(b *testing.B) {
	for b.Loop() {
		Ticks()
	}
}

func BenchmarkNanotime(b *testing.B) {
	for b.Loop() {
		nanotime()
	}
}

func BenchmarkPause(b *testing.B) {
	for b.Loop() {
		Pause()
	}
}

func BenchmarkFence(b *testing.B) {
	for b.Loop() {
		Fence()
	}
}

func BenchmarkMembarrier(b *testing.B) {
	RegisterMembarrier()
	for b.Loop() {
		Membarrier()
	}
}

// BenchmarkFalseSharing settles CacheLine: two goroutines each increment a word
// of their own, this many bytes apart.
func BenchmarkFalseSharing(b *testing.B) {
	for _, gap := range []uintptr{8, 64, 128, 256} {
		b.Run("gap="+map[uintptr]string{8: "8", 64: "64", 128: "128", 256: "256"}[gap], func(b *testing.B) {
			buf := make([]Index, 1024)
			start := (128 - uintptr(unsafe.Pointer(&buf[0]))%128) % 128 / 8
			// Both words start on a 128-byte boundary's pair, so that 64 shares
			// a pair of lines and 128 does not.
			one, two := &buf[start], &buf[start+gap/8]
			var wg sync.WaitGroup
			for _, x := range []*Index{one, two} {
				wg.Go(func() {
					for i := range b.N {
						x.StoreRelease(x.Load() + uint64(i))
					}
				})
			}
			wg.Wait()
		})
	}
}
