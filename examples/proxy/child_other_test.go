//go:build !linux

package main

import "net"

func childListen(bool) (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }
