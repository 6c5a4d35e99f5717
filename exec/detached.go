package exec

// Go starts a coroutine whose result nobody waits for: f is run on this loop, and other
// things run in between whenever it waits. It is the go statement of an Exec, and like that
// it keeps nothing when f has returned. Otherwise it is like the function [Go].
func (l *Local) Go(f func(co *Co)) error {
	l.check()
	if f == nil {
		panic("exec: Go with a nil function")
	}
	d := l.spare
	if d == nil {
		d = &detached{}
	}
	if err := l.begin(&d.co, d); err != nil {
		return err
	}
	if d == l.spare {
		l.spare, d.next = d.next, nil
		l.spares--
	}
	d.f = f
	return nil
}

// detached is a coroutine without a Join. It is used again, so what may outlive it holds a
// coRef.
type detached struct {
	co   Co
	f    func(co *Co)
	next *detached // in the list of spare ones
}

func (d *detached) run(co *Co) { d.f(co) }

func (d *detached) ended(error) {
	l := d.co.l
	d.f = nil
	if l.spares >= l.x.cfg.KeepCoroutines {
		return
	}
	d.co = Co{l: l, gen: d.co.gen}
	d.next, l.spare = l.spare, d
	l.spares++
}
