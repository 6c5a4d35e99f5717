package exectest_test

import "github.com/pushcore/pushcore/exec"

type none = struct{}

// begin makes what the player needs on its loop: a coroutine for each of the things that
// one can wait for here. Whatever does not end is ended with the simulation.
func (p *player) begin(l *exec.Local) error {
	p.l = l
	l.AddSource(p)
	p.waker = exec.NewWaker(l, p)
	for _, f := range []func(co *exec.Co){p.parks, p.receives, p.receivesLast} {
		if err := l.Go(f); err != nil {
			return err
		}
	}
	return nil
}

func (p *player) parks(co *exec.Co) {
	p.rest = co.Waker()
	for co.Park() == nil {
		p.received(co.Local())
	}
}

func (p *player) receives(co *exec.Co) {
	for {
		if _, err := p.mail.Receive(co); err != nil {
			return
		}
		p.received(co.Local())
	}
}

// receivesLast receives from Mailboxes that are only ever closed.
func (p *player) receivesLast(co *exec.Co) {
	for co.Err() == nil {
		var err error
		if p.shut, err = exec.NewMailbox(p.x, exec.InboxConfig[none]{Cap: 1}); err != nil {
			panic(err)
		}
		if _, _ = p.shut.Receive(co); co.Err() == nil {
			p.received(co.Local())
		}
	}
}

// calls hands the token on by a call, in a coroutine of its own: it is answered only when
// the whole way behind it has been started.
func (p *player) calls(how func(co *exec.Co, p *player) error) bool {
	return p.l.Go(func(co *exec.Co) {
		if err := how(co, p); err != nil && co.Err() == nil {
			panic(err)
		}
	}) == nil
}

// call sends the token with the call.
func call(co *exec.Co, p *player) error {
	_, err := exec.CallFrom(co, p.next.x, func(l *exec.Local) (none, error) {
		p.next.received(l)
		return none{}, nil
	})
	return err
}

// callGo sends it with a call that is a coroutine there.
func callGo(co *exec.Co, p *player) error {
	_, err := exec.CallGoFrom(co, p.next.x, func(co *exec.Co) (none, error) {
		if err := co.Yield(); err != nil {
			return none{}, err
		}
		p.next.received(co.Local())
		return none{}, nil
	})
	return err
}

// callBack lets the token hang on a reply: it goes on by a second call once the first was
// answered.
func callBack(co *exec.Co, p *player) error {
	if _, err := exec.CallFrom(co, p.next.x, func(*exec.Local) (none, error) { return none{}, nil }); err != nil {
		return err
	}
	return call(co, p)
}
