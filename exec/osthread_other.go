//go:build !linux

package exec

import "time"

func (x *Exec) noteThread() {}

func (x *Exec) osThread() Thread { return Thread{} }

func (x *Exec) threadWaiting() time.Duration { return 0 }

func (x *Exec) threadRan() time.Duration { return 0 }

func (x *Exec) threadState() string { return "" }
