package main

import (
	"flag"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		args    string
		workers int
		balance string
		cpus    string
	}{
		{"", 3, "hash", ""},
		{"-r x", 3, "hash", ""},
		{"-workers 0", 0, "hash", ""},
		{"-workers 5 -balance roundrobin", 5, "roundrobin", ""},
		{"-cpus 1-2,0 -balance bounded:64", 3, "bounded:64", "0-2"},
		{"-cpus 1 -workers 1", 1, "hash", "1"},
	} {
		o, err := parse(strings.Fields(c.args), 4)
		require.NoError(t, err, c.args)
		require.Equal(t, c.workers, o.workers, c.args)
		require.Equal(t, c.balance, o.balance.String(), c.args)
		require.Equal(t, c.cpus, o.cpus.String(), c.args)
	}
	for allowed, workers := range map[int]int{1: 1, 2: 1, 3: 2, 9: 8, 64: 8} {
		o, err := parse(nil, allowed)
		require.NoError(t, err)
		require.Equal(t, workers, o.workers, "%d cpus", allowed)
	}
	_, err := parse([]string{"-h"}, 4)
	require.ErrorIs(t, err, flag.ErrHelp)
}

func TestParseRefuses(t *testing.T) {
	for args, want := range map[string]string{
		"-nonsense":                           "flag provided but not defined: -nonsense",
		"-workers many":                       `invalid value "many" for flag -workers: parse error`,
		"x.pcap":                              `unexpected argument "x.pcap" (a capture file is given with -r)`,
		"-r x -i lo":                          "-r and -i exclude each other: read a file or capture live",
		"-r=":                                 "-r needs the name of a capture file",
		"-i=":                                 "-i needs the name of an interface",
		"-for 3s":                             "-for limits a live capture: it needs -i",
		"-i lo -for 0s":                       "-for 0s: it must be above 0",
		"-repeat 2":                           "-repeat reads a file several times: it needs -r",
		"-r x -repeat 0":                      "-repeat 0: it must be from 1 to 1000000000",
		"-workers -1":                         "-workers -1: it must be from 0 to 256",
		"-workers 257":                        "-workers 257: it must be from 0 to 256",
		"-max-flows 0":                        "-max-flows 0: it must be from 1 to 67108864",
		"-top -1":                             "-top -1: it must be from 0 to 1000000",
		"-balance magic":                      "-balance magic: it is hash, roundrobin or bounded:N",
		"-balance bounded":                    "-balance bounded: it is hash, roundrobin or bounded:N",
		"-balance bounded:0":                  "-balance bounded:0: the bound is a number of packets from 1 to 4096",
		"-balance bounded:x":                  "-balance bounded:x: the bound is a number of packets from 1 to 4096",
		"-debug :0 -workers 0":                "-debug and -flight show what workers do, and -workers 0 has none",
		"-debug here":                         `invalid value "here" for flag -debug: "here" is no address: write :6060 for this machine only, or host:port`,
		"-balance roundrobin -workers 0":      "-balance chooses among workers, and -workers 0 has none",
		"-cpus 1 -workers 0":                  "-cpus places workers, and -workers 0 has none",
		"-cpus 0-3 -workers 2":                "-cpus 0-3 names 4 cpus for -workers 2: it must name one for each",
		"-cpus=":                              `-cpus "": it must name 1 to 256 cpus, as in 1-3,5`,
		"-workers 99999999999999999999999999": `invalid value "99999999999999999999999999" for flag -workers: value out of range`,
	} {
		_, err := parse(strings.Fields(args), 4)
		var u usageError
		require.ErrorAs(t, err, &u, args)
		require.EqualError(t, err, want, args)
	}
	for _, args := range []string{"-cpus x", "-cpus 3-1"} {
		_, err := parse(strings.Fields(args), 4)
		require.ErrorContains(t, err, args+": ", "the error names the value")
	}
}
