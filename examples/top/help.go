package main

// helpText is what -h prints.
const helpText = `top shows what the workers of a running program do, as it happens.

The program serves its figures with package group/debug; top asks for them, and shows how they
change. It costs the program's loops nothing.

Usage:
  top [flags] [address]

The address is HOST:PORT or a URL (default http://127.0.0.1:6060); /stats.json is added to it if
it is not there.

Flags, which come before the address:
  -interval time       between two looks, 50ms to 1h (default 500ms)
  -sort by             name (default: as the program lists them), busy, work, queue, delay, run,
                       rejects or stalls; all but name from the largest
  -group name          this group only (default: all)
  -once                look twice, an interval apart, print one table with all columns as plain
                       text, and end; so it is, too, when the output is no terminal

Keys:
  q, Esc, Ctrl-C       quit
  p, space             pause; figures go on to be taken, and are shown when it goes on
  s                    sort by the next column
  S, r                 sort the other way round
  g                    show the next group only; after the last one all
  up, down, k, j       choose a worker; with PgUp, PgDn, Home and End further
  Enter                all of one worker: inboxes, sources, its last stall; Esc goes back
  ?                    what the columns mean

Examples:
  top
  top -sort busy :6060
  top -group clients http://10.0.0.1:6060/debug
  top -once localhost:6060 | column -t

Colours follow the terminal's background; with NO_COLOR=1 in the environment there are none, and
nothing is lost. The exit code is 0, 1 if something went wrong (in the table a program that does
not answer is no error: it is asked again) or 2 for a mistake on the command line.
`
