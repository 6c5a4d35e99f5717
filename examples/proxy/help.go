package main

// helpText is what -h prints.
const helpText = `proxy passes TCP connections on to upstreams.

Each worker is a loop on a thread of its own, with a listener of its own on the same address. A
client's connection and that to its upstream live on one worker from accept to close. With no
flags it is a demonstration: three upstreams, of which one fails for a while, and clients that
check every byte.

Usage:
  proxy [flags]

What to do:
  -config file              a YAML file with the fields below (health.interval for -health-interval);
                            flags come before what it says
  -listen address           where to accept connections, such as :8080 or 127.0.0.1:8080
  -upstreams list           where to pass them on to, such as 10.0.0.1:80,10.0.0.2:80
  -balance policy           round-robin (default), least-connections, or maglev: the same upstream
                            for the same source address

Who does it:
  -workers N                number of workers (default: one for each cpu allowed)
  -cpus list                cpus to pin the workers to, one each, as in 0-3
  -spin time                how long an idle worker polls before it sleeps, such as 50us
                            (default: off, it sleeps at once)
  -buffer size              bytes that are read at once; a direction has a buffer only while it
                            passes something on (default 64K)

Limits:
  -connect-timeout time     for each attempt to connect to an upstream (default 3s)
  -connect-retries N        further upstreams to try (default 2)
  -idle-timeout time        close connections on which nothing moves (default 5m; 0: never)
  -max-lifetime time        close connections that are older (default 0: never)
  -max-connections N        clients at once; one more is reset (default 10000)
  -drain time               how long connections may go on after Ctrl-C (default 10s)

Health of upstreams:
  -health-interval time     connect to each this often (default 2s; 0: never)
  -health-timeout time      a check has failed after this long (default 1s)
  -health-fall N            checks in a row that must fail for it to be down (default 3)
  -health-rise N            checks in a row that must go well for it to be up (default 2)
  -eject-failures N         connects for clients in a row that must fail to eject it (default 3;
                            0: never); the last one that is up is not ejected
  -eject-time time          for how long at first; it doubles each time (default 5s)
  -eject-max time           and at most (default 1m)

PROXY protocol:
  -proxy-protocol-accept V  clients begin with a header: off (default), v1, v2 or any
  -proxy-protocol-send V    begin with a header to upstreams: off (default), v1 or v2
  -proxy-protocol-timeout t within this time (default 3s)

TLS, of which clients see an end here and upstreams nothing:
  -tls-cert file            the certificate and those that lead to it, as PEM (default: no TLS)
  -tls-key file             and its key; SIGHUP has both read again
  -tls-timeout time         for a handshake (default 10s)

What to print:
  -every time               a table of what each core does, this often (default 0: none;
                            in the demonstration 1s)
  -json                     the summary as JSON
  -duration time            end after this long (default: at Ctrl-C; in the demonstration 10s)

What happens inside (not in the file):
  -debug address            a dashboard of what the Execs do, for a browser and for examples/top, at
                            this address, such as :6060, which is of this machine only (default: none)
  -flight directory         when a loop stalls, write a trace of the seconds before it there, for go
                            tool trace: 10 at most (default: none)
  kill -USR1 $(pidof proxy) prints what the Execs have done to stderr

The demonstration, in which checks come every 500ms and an upstream is ejected for 1s, then 2s; all
flags are for it, but for -tls, -proxy-protocol, -idle-timeout and -max-lifetime:
  -clients N                clients at once (default 64)
  -size bytes               of each request (default 1K)

Examples:
  proxy
  proxy -listen :8080 -upstreams 10.0.0.1:80,10.0.0.2:80 -balance least-connections
  proxy -config proxy.yaml -every 1s
  proxy -debug :6060 -duration 5m
  kill -HUP $(pidof proxy)    # reads the file again: upstreams, balance, health, eject and the
                              # certificate change, connections stay

Ctrl-C (or SIGTERM) stops accepting, waits for the connections that are open, and prints the
summary; a second one ends the program at once. The exit code is 0, 1 if something went wrong or
2 for a mistake on the command line or in the file.
`
