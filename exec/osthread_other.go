//go:build !linux

package exec

func (x *Exec) noteThread() {}

func (x *Exec) osThread() Thread { return Thread{} }
