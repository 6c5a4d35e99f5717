package exec

// Go starts a coroutine whose result nobody waits for: f is run on this loop, and other
// things run in between whenever it waits. It is the go statement of an Exec, and like that
// it keeps nothing when f has returned. Otherwise it is like the function [Go].
func (l *Local) Go(f func(co *Co)) error {
	l.check()
	if f == nil {
		panic("exec: Go with a nil function")
	}
	last := len(l.spare) - 1
	if last < 0 {
		l.spare = append(l.spare, &detached{})
		last = 0
	}
	d := l.spare[last]
	if err := l.begin(&d.co, d); err != nil {
		return err
	}
	l.spare = l.spare[:last]
	d.f = f
	return nil
}

// detached is a coroutine without a Join. It is used again, so what may outlive it holds a
// coRef.
type detached struct {
	co Co
	f  func(co *Co)
}

func (d *detached) run(co *Co) { d.f(co) }

func (d *detached) ended(error) {
	l := d.co.l
	d.f = nil
	if len(l.spare) == l.x.cfg.KeepCoroutines {
		return
	}
	if d.co.cause != nil {
		d.co.cause = nil
	}
	d.co.state, d.co.drain = coFresh, false
	l.spare = append(l.spare, d)
}
