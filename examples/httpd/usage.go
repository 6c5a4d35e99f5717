package main

// usage is what -h prints.
const usage = `httpd serves HTTP/1.1: two fixed answers for load generators, and the files of a directory.

Each worker is one loop on one thread. It has a listener of its own on the common port, the kernel
spreads connections over them, and a connection stays with its worker from accept to close. Files are
read on other goroutines, through bounded pipes.

Usage:
  httpd [flags]

What to serve:
  /plaintext           "Hello, World!"
  /json                {"message":"Hello, World!"}, made anew for each request
  -root dir            the files below this directory, at / (default: none); a directory is shown
                       by its index.html and not otherwise
  -addr host:port      where to listen (default 127.0.0.1:8080); port 0: any free one
  -tls-cert file       serve HTTPS with the certificates in this file, in PEM (default: plain HTTP)
  -tls-key file        the private key of the first of them, in PEM; both are given, or neither

Who does the work:
  -workers N           number of workers (default 0: one for each cpu that this process may use)
  -cpus list           cpus to pin the workers to, one each, as in 1-3,5
  -spin d              how long an idle worker polls before it sleeps, such as 50us (default off: it
                       sleeps at once)

Limits:
  -max-conns N         most connections at once, over all workers (default 10000); more get 503,
                       or with TLS nothing
  -max-header bytes    longest request line and header together (default 8192); more gets 414 or 431
  -max-body bytes      longest body of a request (default 1048576); more gets 413
  -idle-timeout d      how long a connection may be silent (default 1m0s)
  -grace d             how long requests may take to end after Ctrl-C (default 10s)

What to print:
  -json                one JSON object at the end instead of a table

What happens inside:
  -debug addr          a dashboard of what the workers do, for a browser and for examples/top, at this
                       address, such as :6060, which is of this machine only (default: none)
  -flight dir          when a worker stalls, write a trace of the seconds before it there, for go tool
                       trace: 10 at most (default: none)
  kill -USR1           prints what the workers have done to stderr

Examples:
  httpd
  httpd -root ./public -addr :8000
  httpd -workers 1 -cpus 1 -json
  httpd -debug :6060
  httpd -tls-cert cert.pem -tls-key key.pem -addr :8443

Ctrl-C ends it in good order: no new connections, requests that are under way are finished, connections
that wait for the next one are closed. A second one ends it at once. The exit code is 0, 1 if something
went wrong or 2 for a mistake on the command line.
`
