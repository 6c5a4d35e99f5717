package exectest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/exectest"
)

// hops is how often the token goes on. Nothing else is in this world: at every hop the
// receiver is most likely parked, and if it is not woken all is over.
const hops = 40

// player hands a token on to the next one, in one of several ways.
type player struct {
	next  *player
	x     *exec.Exec
	in    *exec.Inbox[int]
	lane  *exec.Lane[int] // into next's inbox
	hint  bool            // for the player as a Source: the token is here
	self  bool            // and is to be sent to its own inbox, behind which the turn is already
	l     *exec.Local
	waker *exec.Waker         // runs the player
	mail  *exec.Mailbox[int]  // a coroutine receives from it
	shut  *exec.Mailbox[none] // closed to hand the token on, once per hop
	rest  *exec.Waker         // of a coroutine that parks
	hops  *int
	tries int // sends that were refused
	how   func(p *player) bool
}

// Run and the inbox's handler and Poll are the ways in which the token comes.
func (p *player) Run(l *exec.Local) { p.received(l) }

func (p *player) handle(l *exec.Local, batch []int) int {
	p.received(l)
	return len(batch)
}

func (p *player) Poll(l *exec.Local, _ int) int {
	if !p.hint {
		return 0
	}
	p.hint = false
	if p.self {
		if !p.in.TrySend(1) { // the second look before the sleep finds it
			p.hint = true
			p.x.Wake()
		}
		return 0
	}
	p.received(l)
	return 1
}

func (p *player) Next() (_ time.Duration, _ bool) { return 0, false }

func (p *player) received(l *exec.Local) {
	*p.hops++
	p.send(l)
}

// send hands the token on, or tries again later.
func (p *player) send(l *exec.Local) {
	if *p.hops < hops && !p.how(p) {
		p.tries++
		l.After(time.Microsecond, exec.Func(p.send))
	}
}

var ways = map[string]func(p *player) bool{
	"TrySend":      func(p *player) bool { return p.next.x.TrySend(p.next) },
	"TryControl":   func(p *player) bool { return p.next.x.TryControl(p.next) },
	"inbox":        func(p *player) bool { return p.next.in.TrySend(1) },
	"inbox batch":  func(p *player) bool { return p.next.in.TrySendBatch([]int{1}) == 1 },
	"lane":         func(p *player) bool { return p.lane.Push(1) },
	"lane batch":   func(p *player) bool { return p.lane.PushBatch([]int{1}) == 1 },
	"lane staging": func(p *player) bool { return p.lane.Stage(1) && p.lane.Flush() },
	"wake": func(p *player) bool {
		p.next.hint = true
		p.next.x.Wake()
		return true
	},
	"waker": func(p *player) bool {
		p.next.waker.Wake()
		return true
	},
	"park": func(p *player) bool {
		p.next.rest.Wake()
		return true
	},
	"mailbox": func(p *player) bool { return p.next.mail.TrySend(1) },
	"mailbox closed": func(p *player) bool {
		p.next.shut.Close()
		return true
	},
	"call":      func(p *player) bool { return p.calls(call) },
	"call back": func(p *player) bool { return p.calls(callBack) },
	"call go":   func(p *player) bool { return p.calls(callGo) },
	"own inbox": func(p *player) bool {
		p.next.hint, p.next.self = true, true
		p.next.x.Wake()
		return true
	},
}

// A token goes round among Execs that are parked but for the one that has it, and
// wakes come late: no wake is ever lost.
func TestNoWakeIsLost(t *testing.T) {
	for name, how := range ways {
		t.Run(name, func(t *testing.T) {
			var handed, woken uint64
			exectest.Seeds(t, sized(40, 200, 10_000), func(t *testing.T, seed uint64) {
				s := newSim(t, rough(seed))
				players, count := make([]*player, 2+seed%3), 0
				for i := range players {
					p := &player{hops: &count, how: how}
					p.x = newExec(t, s, exec.Config{Name: fmt.Sprint("player ", i), OnStart: p.begin})
					var err error
					p.mail, err = exec.NewMailbox(p.x, exec.InboxConfig[int]{Cap: 1})
					require.NoError(t, err)
					p.in, err = exec.NewInbox(p.x, exec.InboxConfig[int]{Cap: 1, Handle: p.handle})
					require.NoError(t, err)
					players[i] = p
				}
				for i, p := range players {
					p.next = players[(i+1)%len(players)]
					var err error
					p.lane, err = p.next.in.Lane()
					require.NoError(t, err)
				}
				require.NoError(t, s.Settle())
				onLoop(players[0].x, players[0].send)
				require.NoError(t, s.Run(func() bool { return count == hops }))
				require.NoError(t, s.Settle())
				require.Equal(t, hops, count)

				handed += hops
				for _, p := range players {
					st := p.x.Stats()
					woken += st.WakesReceived
					require.LessOrEqual(t, st.WakesReceived, st.Parks, "never more than one wake per park")
				}
			})
			require.Greater(t, woken, handed/2, "most of the time there was somebody to be woken")
		})
	}
}
