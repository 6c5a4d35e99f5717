/*
 * board.pml models how a loop shows its counters to others, exec/board.go: a sequence
 * lock with one writer that uses no locked instruction.
 *
 *   loop:    seq = odd; the words; seq = even (all StoreRelease)
 *   reader:  load seq; odd: again; load the words; load seq: another one: again
 *
 * Checked: what a reader takes is one picture, and the one that seq says it is.
 *
 * Abstracted: two words, in the order in which both go through them, and the other way
 * round; three pictures; readers do not hinder one another, so there is one.
 *
 * -DSC         all shared words are sync/atomic
 * -DBACK       the reader goes through the words from the last to the first
 * -DNO_ODD     must fail: the loop does not say that it begins
 * -DNO_PARITY  must fail: the reader does not mind that the loop has begun
 * -DNO_RELOOK  must fail: the reader does not look at seq again
 * -DEVEN_FIRST must fail: the loop says that it is done before the last word
 */
#define W	0	/* threads */
#define R	1
#define NT	2
#define SBK	4
#define PICTURES	3
#define SEQ	0
#define WORD(i)	(1 + (i))
#define NADDR	3
#define ARRIVED(t, a)	skip

#include "tso.h"

#ifdef BACK
#define FIRST	1
#define LAST	0
#else
#define FIRST	0
#define LAST	1
#endif

proctype Loop() {
	byte n;
	do
	:: n == PICTURES -> break
	:: n < PICTURES ->
		n++;
#ifndef NO_ODD
		ST(W, SEQ, 2*n - 1);
#endif
		ST(W, WORD(0), n);
#ifdef EVEN_FIRST
		ST(W, SEQ, 2*n);
		ST(W, WORD(1), n)
#else
		ST(W, WORD(1), n);
		ST(W, SEQ, 2*n)
#endif
	od
}

proctype Reader() {
	byte seq, again, one, two;
end:	do
	:: true ->
		LD(R, SEQ, seq);
		if
#ifndef NO_PARITY
		:: seq % 2 -> skip
		:: else ->
#else
		:: true ->
#endif
			LD(R, WORD(FIRST), one);
			LD(R, WORD(LAST), two);
			again = seq;
#ifndef NO_RELOOK
			LD(R, SEQ, again);
#endif
			if
			:: again == seq -> assert(one == two && one == seq/2)
			:: else
			fi
		fi;
		d_step { seq = 0; again = 0; one = 0; two = 0 }
	od
}

init { atomic { run Loop(); run Reader() } }
