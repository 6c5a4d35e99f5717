package exec_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// A Goexit in a coroutine ends that coroutine and nothing else.
func TestGoexitEndsOnlyTheCoroutine(t *testing.T) {
	for how, exit := range exits {
		t.Run(how, func(t *testing.T) {
			onBoth(t, exec.Config{Name: "it"}, func(t *testing.T, h *host) {
				deferred, waited, plain := false, 0, 0
				var bad, good *exec.Join[none]
				h.do(func(l *exec.Local) {
					good = spawn(l, func(co *exec.Co) error {
						for range 10 {
							if err := co.Yield(); err != nil {
								return err
							}
							waited++
						}
						return nil
					})
					bad = spawn(l, func(co *exec.Co) error {
						defer func() { deferred = true }()
						_ = co.Yield()
						exit()
						return nil
					})
					l.Spawn(exec.Func(func(*exec.Local) { plain++ }))
				})
				var p exec.Panic
				require.ErrorAs(t, h.ended(bad), &p)
				require.True(t, p.Goexit)
				require.True(t, p.Coroutine)
				require.Nil(t, p.Value)
				require.Contains(t, p.Error(), "exec: it: coroutine: runtime.Goexit was called")
				require.NoError(t, h.ended(good))
				require.True(t, deferred)
				require.Equal(t, []int{10, 1}, []int{waited, plain})
				h.do(func(l *exec.Local) {
					s := l.Stats()
					require.EqualValues(t, 1, s.TasksFailed)
					require.EqualValues(t, 1, s.Panics)
					require.Zero(t, s.Coroutines)
				})
			})
		})
	}
}

// A stack can be used again only so often after a Goexit: all that come later have
// other ones.
func TestGoexitInManyCoroutines(t *testing.T) {
	const n = 200 // several times maxExits
	for name, width := range map[string]int{"one by one": 1, "side by side": 10} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
				for range n / width {
					var js []*exec.Join[none]
					h.do(func(l *exec.Local) {
						for range width {
							js = append(js, spawn(l, func(co *exec.Co) error {
								_ = co.Yield()
								runtime.Goexit()
								return nil
							}))
						}
					})
					for _, j := range js {
						require.ErrorContains(t, h.ended(j), "runtime.Goexit was called")
					}
				}
				require.NoError(t, h.run(func(co *exec.Co) error { return co.Yield() }))
				h.do(func(l *exec.Local) { require.EqualValues(t, n, l.Stats().TasksFailed) })
			})
		})
	}
}

// A Goexit while a Goexit is under way, and one in a coroutine that another one in the
// middle of its own has started.
func TestNestedGoexit(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		var child *exec.Join[none]
		order := []string{}
		var parent *exec.Join[none]
		h.do(func(l *exec.Local) {
			parent = spawn(l, func(co *exec.Co) error {
				defer func() { order = append(order, "last") }()
				defer func() {
					child = spawn(co.Local(), func(co *exec.Co) error {
						_ = co.Yield()
						runtime.Goexit()
						return nil
					})
					_, err := child.Await(co)
					require.ErrorContains(t, err, "runtime.Goexit was called")
					order = append(order, "child")
					runtime.Goexit()
				}()
				runtime.Goexit()
				return nil
			})
		})
		require.ErrorContains(t, h.ended(parent), "runtime.Goexit was called")
		require.Equal(t, []string{"child", "last"}, order)
		require.NoError(t, h.run(func(co *exec.Co) error { return co.Yield() }))
		h.do(func(l *exec.Local) { require.EqualValues(t, 2, l.Stats().TasksFailed) })
	})
}

// A deferred function that panics during a Goexit makes it a panic. What runs on that
// stack next is none the worse for it.
func TestPanicDuringGoexit(t *testing.T) {
	onBoth(t, exec.Config{OnPanic: func(exec.Panic) {}}, func(t *testing.T, h *host) {
		for range 100 {
			err := h.run(func(co *exec.Co) error {
				defer func() { panic("in the middle") }()
				runtime.Goexit()
				return nil
			})
			var p exec.Panic
			require.ErrorAs(t, err, &p)
			require.Equal(t, "in the middle", p.Value)
			require.False(t, p.Goexit)
			require.NoError(t, h.run(func(co *exec.Co) error { return co.Yield() }))
		}
	})
}

// A deferred function that recovers cannot stop a Goexit; the coroutine may wait in it.
func TestRecoverDuringGoexit(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		for range 3 {
			recovered, waited := any("nothing"), false
			err := h.run(func(co *exec.Co) error {
				defer func() {
					recovered = recover()
					waited = co.Yield() == nil
				}()
				runtime.Goexit()
				return nil
			})
			require.ErrorContains(t, err, "runtime.Goexit was called")
			require.Nil(t, recovered)
			require.True(t, waited)
		}
	})
}
