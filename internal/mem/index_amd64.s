//go:build amd64 && !race && !portable

#include "textflag.h"

// func storeRelease(x *Index, v uint64)
TEXT ·storeRelease(SB), NOSPLIT, $0-16
	MOVQ x+0(FP), AX
	MOVQ v+8(FP), BX
	MOVQ BX, (AX)
	RET

// func storeReleaseAll(dst []Index, src []uint64)
// The caller has checked that src is not empty and dst is no shorter.
TEXT ·storeReleaseAll(SB), NOSPLIT, $0-48
	MOVQ dst_base+0(FP), DI
	MOVQ src_base+24(FP), SI
	MOVQ src_len+32(FP), CX
	XORQ AX, AX
loop:
	MOVQ (SI)(AX*8), BX
	MOVQ BX, (DI)(AX*8)
	INCQ AX
	CMPQ AX, CX
	JNE  loop
	RET
