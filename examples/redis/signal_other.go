//go:build !unix

package main

import "os"

// userSignal is none here: to be notified of no signal in particular would be of all.
var userSignal = []os.Signal{noSignal{}}

type noSignal struct{}

func (noSignal) String() string { return "none" }
func (noSignal) Signal()        {}
