// Package child keeps the programs that a measurement needs from the terminal's signals: Ctrl-C ends a run after the
// measurement that is under way, programs included.
package child

import (
	"os/exec"
	"runtime"
)

// Own has cmd, which has not been started, run in a process group of its own, which gets no Ctrl-C of the terminal's.
// As nobody else would end it, the kernel does when the thread that starts it ends: that must be the main one, or be
// kept for as long as the program runs. Where the system is not Linux it does nothing.
func Own(cmd *exec.Cmd) { own(cmd) }

// Keep is Own for a program that the calling goroutine starts and waits for: that keeps its thread until release.
func Keep(cmd *exec.Cmd) (release func()) {
	own(cmd)
	runtime.LockOSThread()
	return runtime.UnlockOSThread
}
