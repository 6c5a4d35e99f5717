package balance

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// While a reader has the tape, picks go on and are only counted.
func TestRecordDoesNotWait(t *testing.T) {
	trace, v := NewTrace(1, 4), NewView(2)
	tape := trace.add(v.N())
	tape.record(7, 0, v)
	tape.mu.Lock()
	tape.record(8, 1, v)
	tape.record(9, 0, v)
	require.False(t, tape.mu.TryLock(), "it is still the reader's")
	tape.mu.Unlock()
	tape.record(10, 1, v)
	all := trace.Snapshot()
	require.Len(t, all, 2)
	require.Equal(t, []uint64{7, 10}, []uint64{all[0].Key, all[1].Key})
	require.Equal(t, []uint64{0, 3}, []uint64{all[0].Seq, all[1].Seq}, "the gap shows what was missed")
}
