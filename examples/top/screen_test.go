package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/group/debug"
)

// crowd is a view of some groups with workers of all kinds: new, ended, stalled, closed, with long names.
func crowd(groups, workers int) *view {
	var tr tracker
	make := func(second int) debug.Report {
		r := debug.Report{
			Program: "program", PID: 123456, Go: "go1.26.8", GOMAXPROCS: 64,
			Uptime: time.Duration(second) * time.Second, Time: time.Unix(int64(second), 0),
		}
		for g := range groups {
			s := group.Snapshot{Name: fmt.Sprintf("group-%d-with-a-long-name", g), Balancer: "a.Balancer[with.parameters]"}
			for id := range workers {
				busy := time.Duration(second*(999-id)) * time.Millisecond
				m := member(id, fmt.Sprintf("%s/%d", s.Name, id), uint64(1000*second*(id+1)), busy)
				m.Open = id != 1
				m.Exec.Stalls = uint64(second)
				m.Exec.Rejects = uint64(second * second)
				m.Exec.Inboxes = []exec.InboxStats{{
					Name: "an inbox with quite a long name", Cap: 10, Depth: 7, Consumed: uint64(second),
					Rejected: 3, Held: 5, LaneFull: 1234567,
				}}
				m.Exec.Sources = []exec.SourceStats{{Name: "*netio.Reactor", Counters: []exec.Counter{
					{Name: "connections", Value: 3, Gauge: true}, {Name: "a counter with a name", Value: uint64(second)},
				}}}
				m.Exec.LastStall = &exec.Stall{
					Began: time.Unix(0, 0), For: time.Second, Kind: "handler", Function: "example.org/a/b.(*Type).Method-fm",
					Thread: "sleeping", Stack: strings.Repeat("frame\n\tfile.go:1\n", 30),
				}
				s.Members = append(s.Members, m)
			}
			r.Groups = append(r.Groups, s)
		}
		return r
	}
	tr.add(make(1))
	return &view{
		url: "http://127.0.0.1:6060/stats.json", interval: time.Second / 2, shown: tr.add(make(2)), now: time.Unix(3, 0),
		width: 80, height: 24,
	}
}

func screenText(v *view) string {
	var all []string
	for _, l := range v.lines() {
		all = append(all, l.String())
	}
	return strings.Join(all, "\n")
}

// However large the terminal is, and whatever there is to show: the screen fits, and nothing else changes its size.
func TestScreenFits(t *testing.T) {
	for _, size := range [][2]int{
		{0, 0}, {1, 1}, {10, 5}, {29, 24}, {30, 8}, {33, 9}, {40, 10}, {50, 12}, {60, 15}, {79, 24}, {80, 24}, {81, 23},
		{100, 30}, {132, 43}, {160, 50}, {250, 70}, {400, 100},
	} {
		for groups := range 8 {
			for _, workers := range []int{0, 1, 3, 40} {
				v := crowd(groups, workers)
				v.width, v.height = size[0], size[1]
				for p := pageTable; p <= pageHelp; p++ {
					for _, lost := range []error{nil, errors.New("cannot connect to 127.0.0.1:6060: connection refused")} {
						v.lost, v.paused = lost, lost != nil
						v.page, v.top = p, 0
						v.move(0)
						lines := v.lines()
						require.LessOrEqual(t, len(lines), max(v.height, 1))
						for _, l := range lines {
							require.LessOrEqual(t, l.width(), max(v.width, 1), "%v: %s", size, l)
							require.NotContains(t, l.String(), "\n")
						}
					}
				}
			}
		}
	}
}

// Columns stand under their heads, and those of the narrowest screens are there in all wider ones.
func TestColumnsOfWidths(t *testing.T) {
	v := crowd(1, 3)
	before := 0
	for width := 30; width <= 200; width++ {
		l := layOut(width, v.rows())
		heads := l.heads(orders[1], false, v.interval)
		row := l.row(&v.rows()[0], false, v.now)
		require.Equal(t, heads[0].width(), heads[1].width(), "%d", width)
		require.Equal(t, heads[1].width(), row.width(), "%d", width)
		require.LessOrEqual(t, row.width(), width)
		if width != 40 && width != 60 && width != 80 && width != 100 { // there more is given to what stands before
			require.GreaterOrEqual(t, len(l.columns), before, "%d", width)
		}
		before = len(l.columns)
	}
	require.Len(t, layOut(200, v.rows()).columns, len(columns))
	require.Len(t, precedence, len(columns))
}

func TestCutMiddle(t *testing.T) {
	for _, c := range []struct {
		s, want string
		width   int
	}{
		{"short", "short", 10}, {"connections/12", "connec…/12", 10}, {"connections/acceptor", "conn…eptor", 10},
		{"/", "/", 1}, {"abcdef", "ab…", 3}, {"abcdefgh", "a…gh", 4},
	} {
		got := cutMiddle(c.s, c.width)
		require.LessOrEqual(t, line{{got, plainText}}.width(), c.width)
		require.Equal(t, c.want, got)
	}
}

func TestWhatTheTableShows(t *testing.T) {
	v := crowd(2, 3)
	s := screenText(v)
	for _, want := range []string{
		"pushcore top", "program", "pid 123456", "up 2s", "GOMAXPROCS 64", "a.Balanc…", "2 of 3", "group", "worker▲", "! ",
		"stall", "q quit",
	} {
		require.Contains(t, s, want)
	}
	v.group = "nothing"
	require.Contains(t, screenText(v), `no group "nothing"`)
	v.group = ""
	v.order, v.reverse = 1, true
	require.Contains(t, screenText(v), "▲busy")
	v.height = 15
	require.Contains(t, screenText(v), "1–")
	v.paused, v.got = true, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	require.Contains(t, screenText(v), "PAUSED   figures are of 03:04:05")
	v.lost, v.since = errors.New("no answer within 5s"), v.now.Add(-75*time.Second)
	require.Contains(t, screenText(v), "LOST for 1m15s")
	v.shown = nil
	require.Contains(t, screenText(v), "waiting for http://127.0.0.1:6060/stats.json")
	require.Contains(t, screenText(v), "no answer within 5s")
}

func TestWhatTheWorkerShows(t *testing.T) {
	v := crowd(1, 3)
	v.height = 60
	v.move(2)
	v.open(pageWorker)
	s := screenText(v)
	for _, want := range []string{
		"group-0-with-a-long-name/2", "running", "queue delay", "an inb",
		"rejected 3 (+0)", "lane full 1.23M (+0)", "*netio.Reactor", "connections 3", "a counter with a name 1/s",
		"last stall", "handler b.(*Type).Method-fm", "thread sleeping", "frame",
	} {
		require.Contains(t, s, want)
	}
	v.height = 20
	require.Contains(t, screenText(v), "more lines below")
	v.move(1 << 20)
	s = screenText(v)
	require.NotContains(t, s, "more lines below")
	require.Contains(t, s, "file.go:1")
	v.shown.rows = v.shown.rows[:1]
	require.Contains(t, screenText(v), "is no more")
}

// The cursor stays with its worker, however rows are sorted, and takes the place of one that is gone.
func TestCursor(t *testing.T) {
	v := crowd(1, 5)
	v.move(0)
	v.move(3)
	require.Equal(t, 3, v.cursor.member)
	v.reverse = true
	require.Equal(t, 1, v.chosen(v.rows()))
	v.move(-100)
	require.Equal(t, 4, v.cursor.member)
	v.shown.rows = v.shown.rows[:3]
	v.move(0)
	require.Equal(t, 2, v.cursor.member)
	v.shown.rows = nil
	v.move(1)
}

func TestWindow(t *testing.T) {
	for _, c := range []struct{ n, height, top, at, from, to int }{
		{5, 10, 0, 4, 0, 5}, {20, 10, 0, 0, 0, 10}, {20, 10, 0, 10, 1, 11}, {20, 10, 5, 2, 2, 12}, {20, 10, 99, 19, 10, 20}, {0, 10, 0, 0, 0, 0},
	} {
		from, to := window(c.n, c.height, c.top, c.at)
		require.Equal(t, [2]int{c.from, c.to}, [2]int{from, to}, "%+v", c)
	}
}
