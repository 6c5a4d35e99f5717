package exec

import "runtime"

// launch runs f on a goroutine that is locked to a thread of its own, and stays
// so: when f returns the thread ends. The process's first thread cannot end (the
// runtime would leave it hanging), so a goroutine that finds itself there keeps
// it occupied until another has found a different one.
func launch(f func()) {
	go func() {
		runtime.LockOSThread()
		if !onFirstThread() {
			f()
			return
		}
		locked := make(chan struct{})
		go func() {
			runtime.LockOSThread()
			close(locked)
			f()
		}()
		<-locked
		runtime.UnlockOSThread()
	}()
}
