package exec_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

func TestPoolGetElsewherePanics(t *testing.T) {
	x, y := newStepped(t, "x"), newStepped(t, "y")
	p := newPool(t, x, exec.PoolConfig[item]{Name: "items"})
	step(t, y, func(l *exec.Local) {
		require.PanicsWithValue(t, `exec: Get of pool "items" on Exec "y": its home is Exec "x", and objects are taken out only there`, func() { p.Get(l) })
	})
}

// panicText returns what f panics with.
func panicText(f func()) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	f()
	return ""
}

func TestPoolCheckedBuildsFindMisuse(t *testing.T) {
	if !exec.Checked {
		t.Skip("needs -race or -tags execcheck")
	}
	type plain struct {
		_ byte // followed by padding
		n [3]uint64
	}
	type linked struct {
		small bool // followed by padding
		data  []byte
	}
	x, y := newStepped(t, "x"), newStepped(t, "y")
	plains := newPool(t, x, exec.PoolConfig[plain]{Name: "plains", ReturnCap: 2})
	links := newPool(t, x, exec.PoolConfig[linked]{Name: "links", New: func() *linked { return &linked{data: make([]byte, 9)} }})
	var out *plain
	step(t, x, func(l *exec.Local) {
		v, w := plains.Get(l), links.Get(l)
		v.n[1], w.small = 5, true
		plains.Put(l, v)
		links.Put(l, w)
		require.EqualValues(t, uint64(0xDBDBDBDBDBDBDBDB), v.n[1], "a reader after Put sees poison")
		require.Nil(t, w.data, "or nil")
		require.Contains(t, panicText(func() { plains.Put(l, v) }), `was put into pool "plains" twice`)
		require.Contains(t, panicText(func() { links.Return(w) }), `was put into pool "links" twice`)
		require.Contains(t, panicText(func() { plains.Put(l, &plain{}) }), `put into pool "plains", which does not have it`)
		require.Same(t, v, plains.Get(l))
		require.Same(t, w, links.Get(l))
		require.EqualValues(t, 5, v.n[1], "what it held is back")
		require.Equal(t, linked{small: true, data: make([]byte, 9)}, *w)

		plains.Put(l, v)
		links.Put(l, w)
		v.n[2] = 7
		w.data = []byte("late")
		require.Contains(t, panicText(func() { plains.Get(l) }), `of pool "plains" was written after Put: byte`)
		require.Contains(t, panicText(func() { links.Get(l) }), `of pool "links" was written after Put: byte`)
		out = plains.Get(l)
	})
	step(t, y, func(l *exec.Local) {
		plains.Put(l, out)
		require.Contains(t, panicText(func() { plains.Put(l, out) }), "twice", "also before it went home")
		require.Contains(t, panicText(func() { plains.Return(out) }), "twice")
		var stolen string
		done := make(chan struct{})
		go func() { // the Local of y, on another goroutine
			defer close(done)
			stolen = panicText(func() { plains.Put(l, out) })
		}()
		<-done
		require.True(t, strings.HasPrefix(stolen, `exec: the Local of Exec "y" was used on goroutine`), stolen)
	})
	var self *exec.Pool[plain]
	self = newPool(t, x, exec.PoolConfig[plain]{Name: "self", Reset: func(v *plain) { self.Return(v) }})
	step(t, x, func(l *exec.Local) {
		v := self.Get(l)
		require.Contains(t, panicText(func() { self.Put(l, v) }), `put into pool "self" twice`)
	})
	same := &plain{}
	twice := newPool(t, x, exec.PoolConfig[plain]{Name: "twice", New: func() *plain { return same }})
	step(t, x, func(l *exec.Local) {
		twice.Get(l)
		require.Contains(t, panicText(func() { twice.Get(l) }), `New of pool "twice" returned object`)
	})
}
