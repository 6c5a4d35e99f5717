package sockets

import (
	"errors"
	"net"
	"os"
	"path/filepath"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// cpus returns those of the client and of the server.
func (r row) cpus(s measure.Spot) (client, server []int) {
	if r.shared {
		return s.CPUs[:], s.CPUs[:]
	}
	return s.CPUs[:1], s.CPUs[1:]
}

// sample starts a server afresh, so that no accident of one process lasts for a whole row, measures it and ends it.
func (r row) sample(built *programs, sv server, s measure.Spot, n int) (got measure.Sample, err error) {
	var here at
	client, cpus := r.cpus(s)
	if r.upstream != nil {
		up, where, err := built.launch(*r.upstream, here, client, false)
		if err != nil {
			return got, err
		}
		defer up.stop()
		here.upstream = where.addr
	}
	p, here, err := built.launch(sv, here, cpus, r.udp)
	if err != nil {
		return got, err
	}
	defer p.stop()
	got, err = r.measure(site{programs: built, cpus: client, server: p, addr: here.addr, n: n})
	return got, errors.Join(err, p.alive())
}

// launch starts a server and waits until it listens.
func (p *programs) launch(sv server, here at, cpus []int, udp bool) (*process, at, error) {
	path, err := p.path(sv.program)
	if err != nil {
		return nil, here, err
	}
	if here.addr, err = freeAddr(); err != nil {
		return nil, here, err
	}
	if _, here.port, err = net.SplitHostPort(here.addr); err != nil {
		return nil, here, err
	}
	if sv.config != nil {
		here.config = filepath.Join(p.dir, sv.label()+".cfg")
		if err := os.WriteFile(here.config, []byte(sv.config(here)), 0o600); err != nil {
			return nil, here, err
		}
	}
	started, err := start(cpus, sv.env, append([]string{path}, sv.args(here)...)...)
	if err != nil {
		return nil, here, err
	}
	ready := started.await
	if udp {
		ready = started.awaitUDP
	}
	if err := ready(here.addr); err != nil {
		started.stop()
		return nil, here, err
	}
	return started, here, nil
}
