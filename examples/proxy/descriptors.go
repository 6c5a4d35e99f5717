package main

import "log"

// warnDescriptors says so if there are not enough files for as many connections as are allowed.
func warnDescriptors(logger *log.Logger, c *config) {
	need := uint64(2*c.maxConnections + 8*c.workerCount() + 32)
	if have, known := descriptors(); known && have < need {
		logger.Printf("%d clients (max_connections) need about %d files, and this process may open %d: raise ulimit -n", c.maxConnections, need, have)
	}
}
