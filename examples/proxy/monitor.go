package main

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// monitor owns what is known of the upstreams. It is an Exec of its own, whose loop alone
// touches the rest: active checks are coroutines, what the workers notice comes in an inbox,
// and what the workers are to know is a roster that it publishes.
type monitor struct {
	x       *exec.Exec
	reports *exec.Inbox[report]
	roster  *atomic.Pointer[roster]
	workers int
	notify  func(event string) // called on goroutines for blocking work

	l       *exec.Local
	r       *netio.Reactor
	cfg     healthConfig
	policy  balance.Policy
	list    int
	entries []*entry
	unsaid  uint64 // events for whose report there was no room
}

// entry is an upstream and its health.
type entry struct {
	*upstream
	health health
	check  *exec.Join[struct{}] // the coroutine of its active checks, or nil
}

// report is what a worker noticed of an upstream.
type report struct {
	u  *upstream
	ok bool // a connection was made, after one that was not
}

// reportCap is how many reports wait at most. One that finds no room is dropped, and counted:
// while there are so many, there will be more.
const reportCap = 1024

func newMonitor(c *config, r *atomic.Pointer[roster], notify func(string), onStall func(exec.Stall)) (*monitor, error) {
	m := &monitor{roster: r, workers: c.workerCount(), notify: notify}
	var err error
	m.x, err = exec.New(exec.Config{Name: "monitor", Spin: -1, OnStall: onStall, OnStart: func(l *exec.Local) error {
		m.l = l
		if m.r, err = netio.New(l, netio.Config{}); err != nil {
			return err
		}
		return m.load(c)
	}})
	if err != nil {
		return nil, err
	}
	m.reports, err = exec.NewInbox(m.x, exec.InboxConfig[report]{Name: "reports", Cap: reportCap, Handle: m.heed})
	return m, err
}

// load takes the upstreams of a configuration. What is known of those that stay is kept, and
// so are the connections of those that go.
func (m *monitor) load(c *config) error {
	m.cfg = c.health
	old := m.entries
	m.entries = make([]*entry, 0, len(c.upstreams))
	for _, addr := range c.upstreams {
		i := slices.IndexFunc(old, func(e *entry) bool { return e.addr == addr })
		if i < 0 {
			m.entries = append(m.entries, &entry{upstream: newUpstream(addr, m.workers), health: health{cfg: c.health}})
			continue
		}
		old[i].health.cfg = c.health
		m.entries = append(m.entries, old[i])
	}
	for _, e := range old {
		if e.check != nil {
			e.check.Abort()
			e.check = nil
		}
	}
	m.policy = newPolicy(c.balance, c.upstreams)
	m.list++
	if c.health.interval == 0 {
		for _, e := range m.entries { // nobody would take it up again
			e.health.down = false
		}
	}
	m.publish()
	if c.health.interval == 0 {
		return nil
	}
	for _, e := range m.entries {
		var err error
		if e.check, err = exec.Go(m.l, func(co *exec.Co) (struct{}, error) { return struct{}{}, m.watch(co, e) }); err != nil {
			return err
		}
	}
	return nil
}

// publish shows the workers what is known now.
func (m *monitor) publish() {
	r := &roster{policy: m.policy, list: m.list}
	for _, e := range m.entries {
		r.all = append(r.all, e.upstream)
		r.usable = append(r.usable, e.health.usable())
	}
	// A table that is built here is one that no worker has to build.
	_, _ = r.policy(r.view())
	m.roster.Store(r)
}

// watch checks an upstream again and again.
func (m *monitor) watch(co *exec.Co, e *entry) error {
	co.CancelOnDrain()
	for {
		c, err := m.r.Dial("tcp", e.addr, netio.DialConfig{Timeout: m.cfg.timeout})
		if err == nil {
			_ = c.Close()
		}
		if err := co.Err(); err != nil {
			return err
		}
		if !ours(err) { // then nothing was found out
			m.change(e, func() string {
				e.health.checked(err == nil)
				return m.found(err)
			})
		}
		if err := co.Sleep(m.cfg.interval); err != nil {
			return err
		}
	}
}

// found says what the last checks have found.
func (m *monitor) found(err error) string {
	if err == nil {
		return fmt.Sprintf("%d checks in a row went well", m.cfg.rise)
	}
	return fmt.Sprintf("%d checks in a row failed: %v", m.cfg.fall, err)
}

// heed handles reports.
func (m *monitor) heed(_ *exec.Local, batch []report) int {
	for _, r := range batch {
		i := slices.IndexFunc(m.entries, func(e *entry) bool { return e.upstream == r.u })
		if i < 0 {
			continue // it is none of ours any more
		}
		e := m.entries[i]
		if r.ok {
			e.health.connected()
			continue
		}
		m.change(e, func() string {
			d := e.health.failed(m.l.Now(), m.others(e))
			if d > 0 && !m.restoreIn(d, e) {
				e.health.ejected = 0 // nobody would end it
			}
			return fmt.Sprintf("%d connects in a row failed, for %v", e.health.failures, d)
		})
	}
	return len(batch)
}

// others reports whether there is another usable upstream.
func (m *monitor) others(e *entry) bool {
	return slices.ContainsFunc(m.entries, func(o *entry) bool { return o != e && o.health.usable() })
}

// restoreIn ends an ejection when d has passed. It reports false if there is no timer for that.
func (m *monitor) restoreIn(d time.Duration, e *entry) bool {
	_, ok := m.l.After(d, exec.Func(func(*exec.Local) {
		m.change(e, func() string {
			e.health.tick(m.l.Now())
			return "its time is over"
		})
	}))
	return ok
}

// change does what may change the state of an upstream, and tells everyone if it did.
func (m *monitor) change(e *entry, what func() string) {
	before := e.health.state()
	why := what()
	after := e.health.state()
	if before == after || !slices.Contains(m.entries, e) {
		return
	}
	m.publish()
	m.say(fmt.Sprintf("upstream %s is %s: %s", e.addr, after, why))
}

// say has an event reported, where that may block. If too many wait to be, it is not, and
// counted.
func (m *monitor) say(event string) {
	_, err := exec.GoBlocking(m.l, func() (struct{}, error) {
		m.notify(event)
		return struct{}{}, nil
	})
	if err != nil {
		m.unsaid++
	}
}

// take begins the stats, with what is known of each upstream. It is called on the loop.
func (m *monitor) take() Stats {
	s := Stats{EventsLost: m.unsaid}
	for _, e := range m.entries {
		s.Upstreams = append(s.Upstreams, UpstreamStats{Address: e.addr, State: e.health.state()})
	}
	return s
}
