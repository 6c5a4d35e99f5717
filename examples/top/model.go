package main

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/pushcore/pushcore/group/debug"
)

// model is the shell around a view: it asks for reports, and passes keys on.
type model struct {
	ctx     context.Context
	client  *client
	tracker tracker
	live    *sample   // what is shown when it goes on after a pause
	liveGot time.Time // when it came
	view    *view
	theme   theme
}

// answer is a report, or why there is none.
type answer struct {
	report debug.Report
	err    error
	asked  time.Time
}

// due says that it is time to ask.
type due struct{}

func newModel(ctx context.Context, o *options) *model {
	v := &view{url: o.url, interval: o.interval, now: time.Now(), order: o.sort, group: o.group}
	return &model{ctx: ctx, client: newClient(o.url), view: v, theme: newTheme(true)}
}

func (m *model) Init() tea.Cmd { return tea.Batch(tea.RequestBackgroundColor, m.ask()) }

// ask asks for a report; there is never more than one question under way.
func (m *model) ask() tea.Cmd {
	asked := time.Now()
	return func() tea.Msg {
		report, err := m.client.fetch(m.ctx)
		return answer{report, err, asked}
	}
}

func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.view.now = time.Now()
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.view.width, m.view.height = msg.Width, msg.Height
	case tea.BackgroundColorMsg:
		m.theme = newTheme(msg.IsDark())
	case tea.KeyPressMsg:
		return m, m.key(msg.String())
	case due:
		return m, m.ask()
	case answer:
		m.take(msg)
		wait := max(m.view.interval-time.Since(msg.asked), m.view.interval/10)
		if msg.err != nil {
			wait = max(wait, time.Second/2) // it is given time to come back
		}
		return m, tea.Tick(wait, func(time.Time) tea.Msg { return due{} })
	}
	return m, nil
}

// take shows an answer, unless the view is paused.
func (m *model) take(a answer) {
	v := m.view
	if a.err != nil {
		if v.lost == nil {
			v.since = time.Now()
		}
		v.lost = a.err
		return
	}
	v.lost = nil
	m.live, m.liveGot = m.tracker.add(a.report), time.Now()
	if !v.paused || v.shown == nil {
		v.shown, v.got = m.live, m.liveGot
	}
}

// key does what a key is for.
func (m *model) key(k string) tea.Cmd {
	v := m.view
	switch k {
	case "q", "ctrl+c":
		return tea.Quit
	case "esc":
		if v.page == pageTable {
			return tea.Quit
		}
		v.open(pageTable)
	case "p", "space":
		v.paused = !v.paused
		if !v.paused && m.live != nil {
			v.shown, v.got = m.live, m.liveGot
		}
	case "?":
		if v.page == pageHelp {
			v.open(pageTable)
		} else {
			v.open(pageHelp)
		}
	case "up", "k":
		v.move(-1)
	case "down", "j":
		v.move(1)
	case "pgup":
		v.move(-(v.height - leastHeight))
	case "pgdown":
		v.move(v.height - leastHeight)
	case "home":
		v.move(-1 << 20)
	case "end":
		v.move(1 << 20)
	default:
		m.tableKey(k)
	}
	return nil
}

// tableKey is for keys that change the table.
func (m *model) tableKey(k string) {
	v := m.view
	switch k {
	case "s":
		v.order = (v.order + 1) % len(orders)
	case "S", "r":
		v.reverse = !v.reverse
	case "g":
		v.nextGroup()
	case "enter":
		switch rows := v.rows(); {
		case v.page != pageTable:
			v.open(pageTable)
		case len(rows) > 0:
			v.move(0)
			v.open(pageWorker)
		}
	}
}

func (m *model) View() tea.View {
	v := tea.NewView(m.theme.render(m.view.lines()))
	v.AltScreen = true
	v.WindowTitle = "pushcore top"
	return v
}
