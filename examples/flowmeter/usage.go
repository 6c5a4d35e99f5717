package main

// usage is what -h prints.
const usage = `flowmeter counts who talks to whom: packets and bytes per TCP, UDP and ICMP flow.

One reader takes packets from a capture file or an interface, finds each flow's hash and pushes
the packet to a worker; the workers decode and count, each in a table of its own, and the tables
are merged at the end. With no flags it fetches some pages from itself over the loopback interface
and meters that, or, where packet sockets are not allowed, a small built-in capture.

Usage:
  flowmeter [flags]

What to read:
  -r file          a pcap or pcapng file, gzipped or not
  -repeat N        read the file N times over (default 1): a long run from a small capture
  -i interface     capture live, until Ctrl-C (Linux; takes root or CAP_NET_RAW)
  -for duration    end the live capture after this long, as in 30s

Who does the work:
  -workers N       number of workers (default: the cpus allowed less one, 1 to 8);
                   0: no workers, one plain loop that reads, decodes and counts, to compare with
  -cpus list       cpus to pin the workers to, one each, as in 1-3,5
  -balance how     hash (default): a flow's packets all go to one worker
                   roundrobin: packets go round, flows are put together at the end
                   bounded:N: as roundrobin, but past workers that have N packets waiting
  -max-flows N     most flows in one worker's table (default 1048576); the packets of further
                   flows are counted as untracked

What to print:
  -top N           the N flows with the most bytes (default 20); 0: totals only
  -json            one JSON object instead of tables

What happens inside:
  -debug address   a dashboard of what the workers do, for a browser and for examples/top, at this
                   address, such as :6060, which is of this machine only
  -flight dir      when a worker stalls, write a trace of the seconds before it there, for go tool
                   trace: 10 at most
  kill -USR1       prints what the workers have done to stderr

Examples:
  flowmeter
  flowmeter -r trace.pcap -workers 2 -cpus 1-2 -top 50
  flowmeter -r trace.pcapng.gz -json
  sudo flowmeter -i eth0 -for 1m
  sudo flowmeter -i eth0 -debug :6060
  flowmeter -r small.pcap -repeat 1000 -workers 0     # the plain loop ...
  flowmeter -r small.pcap -repeat 1000 -workers 1     # ... and the same with a worker

Bytes are lengths on the wire, link header included, whatever the capture kept of a packet. Of
each packet at most its first 256 bytes are looked at. Fragments of a packet have no ports to go
by: they are one flow per address pair and protocol. What is neither TCP, UDP nor ICMP over IP,
tunnels included, is counted as other.

Ctrl-C ends the reading, and what was read is reported; a second one ends the program at once.
The exit code is 0, 1 if something went wrong (what was read before it is reported) or 2 for a
mistake on the command line.
`
