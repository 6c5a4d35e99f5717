/*
 * publish.pml models the Publish handshake of ring/spsc*.go: Push, PushBatch,
 * Reserve/Commit and Stage/Flush against Pop, PopBatch and Peek/Release.
 *
 *   producer: slots (plain MOV), then tail by mem.StoreRelease (plain MOV)
 *   consumer: load tail, slots, clear the slots, then head by mem.StoreRelease
 *
 * Both sides keep a cached copy of the other's index and reload it only when it
 * does not suffice. A slot is two words, so a torn read shows. Items are numbered
 * by the index they were pushed at, modulo MOD: the k-th item taken must be the
 * k-th item pushed, which is FIFO order, no loss and no duplicate in one check.
 * The producer may stop at any time, and the run is unbounded, so indices wrap
 * again and again.
 *
 * Checked: FIFO/no loss/no duplicate; a slot is never accessed by one side while an
 * access of the other is under way (a write is under way from the store until it
 * reaches memory): that is data-race freedom; the ring never holds more than CAP
 * items; neither side is stuck at the end, and then every item was taken.
 *
 * Abstracted: indices are modulo 8, polling an unchanged index is a wait for it to
 * change, batches are 1 or 2, and Close and parking have models of their own.
 *
 * -DCAP=n -DSLOTS=n capacity, and slots allocated for it (a power of two)
 * -DINDEX_FIRST  must fail: tail published before the slots
 * -DHEAD_FIRST   must fail: head released before the slots are read
 * -DCLEAR_LATE   must fail: head released before the slots are cleared
 */
#ifndef CAP
#define CAP 2
#endif
#ifndef SLOTS
#define SLOTS 2
#endif
#define MOD	8	/* indices are free-running modulo MOD ... */
#define START	(MOD-2)	/* ... from two below the wrap */
#define P	0	/* threads */
#define C	1
#define NT	2
#define SBK	6	/* two whole pushes of one item */
#define TAIL	0	/* addresses: written by the producer */
#define HEAD	1	/* written by the consumer */
#define LO(i)	(2 + 2*((i) % SLOTS))
#define HI(i)	(3 + 2*((i) % SLOTS))
#define NADDR	(2 + 2*SLOTS)
#define sub(a, b)	(((a) + MOD - (b)) % MOD)
#define add(a, b)	(((a) + (b)) % MOD)

/* Ghost: how many slot words each thread has under way, per slot. */
byte busy[NT*SLOTS];
#define SLOT(t, i)	busy[(t)*SLOTS + (i) % SLOTS]
#define ARRIVED(t, a)	if :: (a) >= 2 -> SLOT(t, ((a) - 2) / 2)-- :: else fi
#define OTHERS(t, i)	SLOT(1 - (t), i)

#include "tso.h"

bool stopped;		/* the producer has left */
byte t, h;		/* the owners' private indices; global so that Monitor sees them */

inline put(who, i, v) {	/* write slot i: two plain stores, two steps */
	d_step { sbn[who] + 2 <= SBK -> assert(OTHERS(who, i) == 0); SLOT(who, i) = SLOT(who, i) + 2 };
	ST(who, LO(i), v);
	ST(who, HI(i), v)
}

proctype Producer() {
	byte ch = START;	/* cached head */
	byte k, n;
	do
	:: stopped = true; break
	:: true ->
		if :: n = 1 :: n = 2 fi;
		if
		:: CAP - sub(t, ch) < n -> LD(P, HEAD, ch)
		:: else
		fi;
		if
		:: CAP - sub(t, ch) == 0 -> mem[HEAD] != ch	/* full: poll */
		:: else ->
			d_step {
				if :: CAP - sub(t, ch) < n -> n = CAP - sub(t, ch) :: else fi;
				assert(sub(add(t, n), mem[HEAD]) <= CAP)
			};
#ifdef INDEX_FIRST
			ST(P, TAIL, add(t, n));
#endif
			k = 0;
			do
			:: k < n -> put(P, add(t, k), add(t, k) + 1); k++
			:: else -> k = 0; break
			od;
#ifndef INDEX_FIRST
			ST(P, TAIL, add(t, n));
#endif
			atomic { t = add(t, n); n = 0 }
		fi
	od
}

inline take(i) {	/* read slot i: begin, then both words */
	d_step { assert(OTHERS(C, i) == 0); SLOT(C, i)++ };
	LD(C, LO(i), lo);
	d_step {
		load(C, HI(i), hi);
		assert(lo == hi);	/* not torn */
		assert(lo == (i) + 1);	/* the k-th item taken is the k-th pushed */
		SLOT(C, i)--; lo = 0; hi = 0
	}
}

proctype Consumer() {
	byte ct = START;	/* cached tail */
	byte k, n, lo, hi;
end:	do
	:: true ->
		if :: n = 1 :: n = 2 fi;
		if
		:: sub(ct, h) < n -> LD(C, TAIL, ct)
		:: else
		fi;
		if
		:: sub(ct, h) == 0 ->
			n = 0;
end_empty:		mem[TAIL] != ct	/* empty: poll */
		:: else ->
			if :: sub(ct, h) < n -> n = sub(ct, h) :: else fi;
			k = 0;
#ifdef HEAD_FIRST
			ST(C, HEAD, add(h, n));
#endif
			do
			:: k < n -> take(add(h, k)); k++
			:: else -> k = 0; break
			od;
#ifdef CLEAR_LATE
			ST(C, HEAD, add(h, n));
#endif
			do
			:: k < n -> put(C, add(h, k), 0); k++
			:: else -> k = 0; break
			od;
#if !defined(HEAD_FIRST) && !defined(CLEAR_LATE)
			ST(C, HEAD, add(h, n));
#endif
			atomic { h = add(h, n); n = 0 }
		fi
	od
}

/* When nothing can move any more, the producer has stopped and all was taken. */
active proctype Monitor() {
	timeout -> assert(stopped && t == h)
}

init {
	d_step { t = START; h = START; mem[TAIL] = START; mem[HEAD] = START }
	atomic { run Producer(); run Consumer() }
}
