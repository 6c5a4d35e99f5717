package main

// entry is a line of the help page.
type entry struct{ name, text string }

var helpEntries = []entry{
	{"", "Keys"},
	{"q Esc Ctrl-C", "quit (Esc: back, where there is a way back)"},
	{"p space", "pause, and go on"},
	{"s, S or r", "sort by the next column; the other way round"},
	{"g", "show the next group only; after the last one all"},
	{"↑ ↓ k j", "choose a worker (PgUp PgDn Home End)"},
	{"Enter", "all of the chosen worker"},
	{"", ""},
	{"", "Groups, between two looks"},
	{"workers", "open ones, of all"},
	{"imbalance", "items that the fullest open worker got, by the mean: 1 is even; of time where sources bring the work"},
	{"of time", "the same, of the time that they are busy"},
	{"", ""},
	{"", "Workers, between two looks"},
	{"busy", "share of the time in turns that did something; then the last 120 looks"},
	{"work", "items and tasks that came by inboxes, and what sources, such as sockets, did"},
	{"queue", "tasks and items that wait: now, and the most ever"},
	{"delay", "from the send until it is offered to the handler: half, 99 of 100"},
	{"run", "of a task, a batch, or a coroutine until it waits: 99 of 100"},
	{"stall", "turns that took longer than StallAfter, ever, whoever is to blame"},
	{"reject", "tasks and items refused because something was full or closed"},
	{"batch", "items that a handler is given at once, mean"},
	{"parks", "times that the thread went to sleep"},
	{"wakes", "system calls that others made to wake it"},
	{"switch", "times that others took the processor from it"},
	{"on cpu", "processor that it ran on last"},
	{"", ""},
	{"", "Marks"},
	{"›", "chosen"},
	{"!", "stalled within the last 10 seconds, and nobody else had the processor"},
	{"=", "not open: senders do not pick it"},
	{"–", "not known yet, or nothing was counted"},
}

// helpLines are the help page.
func helpLines(width int) (out []line) {
	const names = 14
	for _, e := range helpEntries {
		switch {
		case e.name == "" && e.text == "":
			out = append(out, line{})
		case e.name == "":
			out = append(out, text("  "+e.text, strong))
		default:
			indent := "  " + padRight(e.name, names)
			for _, l := range fold(e.text, width-2-names) {
				out = append(out, line{{indent, keyName}, {l, plainText}})
				indent = padRight("", 2+names)
			}
		}
	}
	return out
}
