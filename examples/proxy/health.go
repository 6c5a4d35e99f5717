package main

import "time"

// health is what is known of one upstream. It has no clock and does no I/O: the monitor tells
// it what happened and when.
//
// Active checks take an upstream down after fall of them failed in a row, and up again after
// rise of them went well. Connections that could not be made eject it for a while, which
// doubles each time until one can be made again.
type health struct {
	cfg    healthConfig
	down   bool
	streak int // checks in a row that contradict down

	failures int           // connects that failed in a row
	ejected  time.Duration // until when; 0: it is not
	times    int           // ejections since the last connect that went well
}

// usable reports whether connections may go there.
func (h *health) usable() bool { return !h.down && h.ejected == 0 }

// state is what is shown.
func (h *health) state() string {
	switch {
	case h.down:
		return "down"
	case h.ejected > 0:
		return "ejected"
	}
	return "up"
}

// checked notes the result of an active check.
func (h *health) checked(ok bool) {
	if ok != h.down {
		h.streak = 0
		return
	}
	h.streak++
	switch {
	case ok && h.streak >= h.cfg.rise:
		*h = health{cfg: h.cfg}
	case !ok && h.streak >= h.cfg.fall:
		h.down, h.streak = true, 0
	}
}

// connected notes that a connection for a client was made.
func (h *health) connected() { h.failures, h.times = 0, 0 }

// failed notes that one could not be made. mayEject is false for the last upstream that is
// usable: it is better than none. It returns for how long the upstream is ejected from now on,
// or 0.
func (h *health) failed(now time.Duration, mayEject bool) time.Duration {
	if h.cfg.failures == 0 || !h.usable() {
		return 0
	}
	if h.failures++; h.failures < h.cfg.failures || !mayEject {
		return 0
	}
	d := h.cfg.eject
	for i := 0; i < h.times && d < h.cfg.ejectMax; i++ {
		d *= 2
	}
	d = min(d, h.cfg.ejectMax)
	h.times++
	h.ejected = now + d
	return d
}

// tick ends an ejection whose time is over. The next failure is a reason for another one.
func (h *health) tick(now time.Duration) {
	if h.ejected > 0 && now >= h.ejected {
		h.ejected, h.failures = 0, h.cfg.failures-1
	}
}
