package exectest_test

import (
	"errors"

	"github.com/pushcore/pushcore/exec"
)

// maxDepth is how deep calls within calls are.
const maxDepth = 3

// calling follows one call.
type calling struct {
	w       *coWorld
	no      int
	by      *cor
	to      *coNode
	far     bool // it is to another Exec
	started int
	over    bool // the caller has its answer
	body    *cor // that was called
}

func (c *cor) calling(to *coNode) *calling {
	w := c.n.w
	w.no++
	k := &calling{w: w, no: w.no, by: c, to: to, far: to != c.n}
	w.calls = append(w.calls, k)
	if k.far {
		w.asked++
	}
	return k
}

// begins judges the beginning of the call's function.
func (k *calling) begins() {
	k.w.judge(!k.over, "call %d begins, and its caller has heard that it failed", k.no)
	k.started++
	k.w.judge(k.started == 1, "call %d is run %d times", k.no, k.started)
	if k.far {
		k.w.ran++
	}
}

// ends judges its answer.
func (k *calling) ends(v int, err error) {
	k.over = true
	k.w.judge(err != nil || k.started == 1 && v == k.no, "call %d was answered by %d, run %d times", k.no, v, k.started)
}

// answered judges the error of a wait for something that may have failed by itself.
func (c *cor) answered(what string, err error, itself bool) error {
	var p exec.Panic
	if errors.As(err, &p) {
		c.n.w.judge(c.n.w.mayPanic, "%s: %v", what, err)
		return err
	}
	if itself && errors.Is(err, exec.ErrCancelled) {
		return err
	}
	return c.waited(what, err, exec.ErrClosed, exec.ErrTooMany)
}

// call calls a function, which does something there.
func (c *cor) call(to *coNode) error {
	k, w := c.calling(to), c.n.w
	v, err := exec.CallFrom(c.co, to.x, func(l *exec.Local) (int, error) {
		k.begins()
		w.judge(l == to.l, "call %d is run on another Exec", k.no)
		for range w.rng.IntN(3) {
			switch {
			case w.rng.IntN(3) == 0:
				w.post(to, w.nodes[w.rng.IntN(len(w.nodes))])
			case w.rng.IntN(2) == 0 && len(to.vows) > 0:
				to.keep(w.rng.IntN(len(to.vows)))
			case !w.closing:
				to.one(l)
			}
		}
		if w.mayPanic && w.rng.IntN(10) == 0 {
			panic("a call")
		}
		return k.no, nil
	})
	k.ends(v, err)
	return c.answered("CallFrom", err, false)
}

// callGo calls a coroutine, which may call others, also back.
func (c *cor) callGo(to *coNode) error {
	if c.depth == maxDepth {
		return nil
	}
	k := c.calling(to)
	v, err := exec.CallGoFrom(c.co, to.x, func(co *exec.Co) (int, error) {
		k.begins()
		k.w.judge(co.Local() == to.l, "call %d is run on another Exec", k.no)
		k.body = to.cor(co, c.depth+1)
		k.body.live()
		return k.no, co.Err()
	})
	k.ends(v, err)
	return c.answered("CallGoFrom", err, k.started > 0)
}
