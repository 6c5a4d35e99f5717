package gid

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGoroutinesDiffer(t *testing.T) {
	const n = 50
	var wg sync.WaitGroup
	var mu sync.Mutex
	hold := make(chan struct{})
	tokens, numbers := map[uintptr]bool{Current(): true}, map[uint64]bool{Number(): true}
	var ready sync.WaitGroup
	for range n {
		ready.Add(1)
		wg.Go(func() {
			id := Current()
			mu.Lock()
			tokens[id], numbers[Number()] = true, true
			mu.Unlock()
			ready.Done()
			<-hold // all live at once
			if Current() != id {
				t.Error("a goroutine's token changed")
			}
		})
	}
	ready.Wait()
	close(hold)
	wg.Wait()
	require.Len(t, tokens, n+1)
	require.Len(t, numbers, n+1)
	require.False(t, tokens[0])
}

func BenchmarkCurrent(b *testing.B) {
	for b.Loop() {
		Current()
	}
}
