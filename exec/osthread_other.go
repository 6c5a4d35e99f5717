//go:build !linux

package exec

import "time"

func (x *Exec) noteThread() {}

func (x *Exec) osThread() Thread { return Thread{} }

func (x *Exec) threadTimes() (running, waiting time.Duration) { return 0, 0 }

func (x *Exec) threadState() string { return "" }
