package main

import "fmt"

// lackOfDescriptors says so if this process may not open as many files as what needs, or is "".
// Workers need some each, and so does the rest.
func lackOfDescriptors(what string, files, workers int) string {
	need := uint64(files + 8*workers + 32)
	if have, known := descriptors(); known && have < need {
		return fmt.Sprintf("%s need about %d files, and this process may open %d: raise ulimit -n", what, need, have)
	}
	return ""
}
