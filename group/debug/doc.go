// Package debug shows what groups, servers and Execs do: in a browser, as JSON, as text.
//
//	s, err := debug.Serve(":6060", g) // of this machine only: http://127.0.0.1:6060/
//
// or, in a program that has a server already,
//
//	mux.Handle("/debug/pushcore/", http.StripPrefix("/debug/pushcore", debug.Handler(g)))
//
// Below the place where the Handler is,
//
//	/              is a dashboard: one page, without anything from elsewhere
//	/events        is what it lives on: server-sent events, each of them a Report as JSON, four in a second
//	/stats.json    is one Report
//	/dump          is the same as text, as Dump writes it
//	/debug/pprof/  has the profiles of package runtime/pprof, so that go tool pprof finds them
//
// # Who may see it
//
// It is for those who run the program, on its machine or in their own network. It is not for the public internet: there
// is no authentication, and stacks, names and profiles tell much of a program; profiles and traces make it slower while
// they are taken. Serve listens on 127.0.0.1 unless it is told otherwise. From afar, use a tunnel (ssh -L), or put
// whatever your service has for authentication in front of Handler.
//
// Handler only reads: it knows GET and HEAD, and nothing that a request contains is repeated in an answer. A page of
// somebody else, open in a browser that reaches the server, gets nothing: requests are refused whose Host is a name that
// could be made to point here (see Config.Hosts), and those that a browser says another site's page makes, unless they
// are links to the dashboard.
//
// # What it costs
//
// Nothing as long as nobody looks. A Report costs some microseconds of the caller for each worker, and the workers
// nothing. Streams share one Report in each Config.Interval, and are limited (Config.Streams). A client that does not read
// what it asked for is given up, and its trace ends.
//
// The package does not import net/http/pprof: that would put handlers into http.DefaultServeMux of each program that
// imports this package, and a program that serves it to the public would serve profiles without having said so.
package debug
