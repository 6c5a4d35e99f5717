//go:build amd64 && gc && !portable

#include "textflag.h"

// func Pause()
TEXT ·Pause(SB), NOSPLIT, $0-0
	PAUSE
	RET

// func Fence()
// A locked add to the top of the stack is a full fence and cheaper than MFENCE.
TEXT ·Fence(SB), NOSPLIT, $0-0
	LOCK
	ADDQ $0, (SP)
	RET

// func counter() int64
TEXT ·counter(SB), NOSPLIT, $0-8
	RDTSC
	SHLQ $32, DX
	ORQ  DX, AX
	MOVQ AX, ret+0(FP)
	RET
