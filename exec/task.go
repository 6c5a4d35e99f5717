package exec

// A Task is a unit of work. Run is called once for each time the Task was sent
// or spawned, on the loop of the Exec that it went to. It must return soon: while
// it runs nothing else does on that Exec, and whatever blocks in it (a channel, a
// mutex, file I/O) stalls the Exec and the core.
//
// A Task may be sent again while it runs (l.Spawn of itself re-posts it), so a
// prepared Task that is a pointer to the caller's own struct costs no allocation.
type Task interface {
	Run(l *Local)
}

// Func makes a Task of an ordinary function, as http.HandlerFunc does for
// handlers. The closure is usually an allocation; a prepared Task is not.
type Func func(l *Local)

// Run calls f.
func (f Func) Run(l *Local) { f(l) }
