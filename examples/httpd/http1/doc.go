// Package http1 is an HTTP/1.1 server on the loop of an Exec.
//
// A [Server] belongs to one loop, and so does everything else here. Its Serve is a handler of
// netio: it reads requests, and has a [Handler] answer each, in the coroutine of the
// connection. A Handler must not block. What may block is a plain http.Handler: [Server.Pool]
// runs it on the Exec's goroutines for blocking work, and [OnLoop] runs one that is known not
// to block in the coroutine.
//
// A request is parsed where it was read and its answer is written into one buffer, which
// leaves when the input is used up: requests that came together are answered together, in one
// system call. A connection that is between two requests has neither buffers nor a coroutine.
//
// Everything has a limit (see [Config]). What is not a valid request is answered with an
// error, and the connection is closed, because nobody knows where the next request begins.
package http1
