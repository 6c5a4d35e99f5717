/*
 * close.pml models the Close handshake of ring/closing.go and its users, publish and
 * settle in ring/spsc_producer.go and available in ring/spsc_consumer.go: any third
 * thread closes a ring while its producer pushes and its consumer drains. With -DPARK the
 * consumer also parks (exec/park.go), and the closer wakes it. closed is closing.state
 * there: 0 open, 1 closingDown, 2 shut.
 *
 *   producer: slots; tail = t+n (StoreRelease); [FENCE: fence]; load closed;
 *             0: accepted. Else wait for closed == 2: accepted iff t < final;
 *             refused: take the items back, tail = final
 *   closer:   closed = 1 (a locked op); membarrier [FENCE: nothing more];
 *             final = tail; closed = 2
 *   consumer: load tail, THEN closed; 0: take below tail; 1: nothing new this round;
 *             2: take below min(tail, final), and at head == final the ring is drained
 *
 * Checked: what is taken is what was accepted, item by item and in order (items are
 * numbered by index modulo MOD; an accepted item is counted in t, a taken one in h, and
 * when nothing can move any more t == h); final lies at the start or the end of a push,
 * so a batch is accepted whole or refused whole; slot accesses never overlap (as in
 * publish.pml, taking back included); the consumer of a closed ring learns that it is
 * drained; nobody is stuck. The producer may go on pushing after a refusal. Any number
 * of items may precede the close, or it may never come.
 *
 * Abstracted: indices modulo 8, polling is a wait for a change, pushes of 1 or 2, one
 * closer (Close is a CAS 0 -> 1: who loses it has nothing to do); a consumer may as well
 * wait for 2 when it finds 1.
 *
 * -DFENCE         the producer fences after publishing; no membarrier
 * -DSC            all shared words are sync/atomic; no fence and no membarrier
 * -DHELP          the Go code's design: a wait-free close; here final lives in the
 *                 word closed, and a producer that finds 1 decides by CAS itself instead
 *                 of waiting for the closer
 * -DPARK          the consumer parks instead of polling; pushes and pops are of 1
 * -DNO_MEMBARRIER must fail: the locked op alone does not drain the producer's buffer
 * -DCLOSED_FIRST  must fail: the consumer loads closed before tail
 * -DTAKE_CLOSING  must fail: the consumer takes new items while closed == 1
 * -DNO_LOOK       must fail: the producer checks closed only before it publishes
 * -DDONE_EARLY    must fail: a ring that has begun to close and looks empty counts as
 *                 drained (it does only when closed == 2)
 * -DPARK -DNO_CLOSER_WAKE  must fail: the consumer sleeps through the close
 */
#define CAP	2
#ifdef PARK
#define MAXN	1	/* longest push and pop: the state space is large enough as it is */
#else
#define MAXN	2
#endif
#define MOD	8
#define START	(MOD-2)	/* indices wrap soon */
#define P	0	/* threads */
#define C	1
#define X	2	/* the closer */
#define NT	3
#ifdef PARK
#define SBK	4	/* two pushes of one */
#else
#define SBK	6	/* two pushes of two */
#endif
#define TAIL	0	/* written by the producer */
#define HEAD	1	/* written by the consumer */
#define CLOSED	2	/* 0 open, 1 closing, 2 closed; with HELP 2+final */
#define FINAL	3	/* written by the closer */
#define PARKED	4
#define ITEM(i)	(5 + (i) % CAP)
#define NADDR	(5 + CAP)
#define sub(a, b)	(((a) + MOD - (b)) % MOD)
#define add(a, b)	(((a) + (b)) % MOD)

byte busy[2*CAP];	/* ghost, as in publish.pml */
#define SLOT(t, i)	busy[(t)*CAP + (i) % CAP]
#define ARRIVED(t, a)	if :: (a) >= 5 -> SLOT(t, (a) - 5)-- :: else fi

#include "tso.h"

byte t, h;		/* private indices: accepted so far, taken so far */
bool asleep, drained;

inline put(who, i, v) {
	atomic {
		sbn[who] < SBK ->
		assert(SLOT(1 - (who), i) == 0);
		SLOT(who, i)++;
		ST(who, ITEM(i), v)
	}
}

/* wake: what a thread does after it changed something the consumer may sleep on. */
inline wake(who, pk) {
#ifdef PARK
	LD(who, PARKED, pk);
	if
	:: pk == 1 ->
		d_step { LOCKED(who) -> pk = mem[PARKED]; mem[PARKED] = 0 };
		if :: pk == 1 -> asleep = false :: else fi;
		pk = 0
	:: else
	fi
#else
	skip
#endif
}

proctype Producer() {
	byte ch = START;
	byte c, f, k, n;
	do
	:: true -> break
	:: true ->
		if :: n = 1 :: n = MAXN fi;
		if
		:: CAP - sub(t, ch) < n -> LD(P, HEAD, ch)
		:: else
		fi;
#ifdef NO_LOOK
		LD(P, CLOSED, c);
#endif
		if
		:: c >= 1 -> break
		:: c == 0 && CAP - sub(t, ch) < n ->	/* no room for n: poll */
			mem[HEAD] != ch || mem[CLOSED] >= 2 || n > 1;
			n = 0
		:: else ->
			do
			:: k < n -> put(P, add(t, k), add(t, k) + 1); k++
			:: else -> k = 0; break
			od;
			ST(P, TAIL, add(t, n));
#ifdef FENCE
			MFENCE(P);
#endif
#ifndef NO_LOOK
			LD(P, CLOSED, c);
#endif
			if
			:: c == 0 -> f = add(t, n)
			:: else ->
#ifdef HELP
				d_step {
					LOCKED(P) ->
					if :: mem[CLOSED] == 1 -> mem[CLOSED] = 2 + add(t, n) :: else fi;
					f = mem[CLOSED] - 2
				}
#else
				mem[CLOSED] == 2;	/* poll */
				LD(P, FINAL, f)
#endif
			fi;
			assert(f == t || f == add(t, n));
			if
			:: f != t -> t = f; wake(P, k)	/* accepted */
			:: else ->			/* refused: take back */
				do
				:: k < n -> put(P, add(t, k), 0); k++
				:: else -> k = 0; break
				od;
				ST(P, TAIL, f)
			fi;
			atomic { n = 0; f = 0; c = 0 }
		fi
	od
}

proctype Closer() {
	byte f, pend;
	if
	:: true -> goto end	/* never closed */
	:: true
	fi;
	d_step { LOCKED(X) -> mem[CLOSED] = 1 };
#if !defined(FENCE) && !defined(SC) && !defined(NO_MEMBARRIER)
	membarrier(pend);
#endif
	LD(X, TAIL, f);
#ifdef HELP
	d_step { LOCKED(X) -> if :: mem[CLOSED] == 1 -> mem[CLOSED] = 2 + f :: else fi };
#else
	ST(X, FINAL, f);
	ST(X, CLOSED, 2);
#ifdef FENCE
	MFENCE(X);
#endif
#endif
#ifndef NO_CLOSER_WAKE
	wake(X, f);
#endif
end:	skip
}

#ifdef HELP
#define LD_FINAL(c, f)	f = c - 2
#else
#define LD_FINAL(c, f)	LD(C, FINAL, f)
#endif

/* look: find the new limit of what may be taken, lim. */
inline look() {
#ifdef CLOSED_FIRST
	LD(C, CLOSED, c);
	LD(C, TAIL, x);
#else
	LD(C, TAIL, x);
	LD(C, CLOSED, c);
#endif
	if
#ifdef TAKE_CLOSING
	:: c <= 1 -> lim = x
#else
	:: c == 0 -> lim = x
	:: c == 1
#endif
	:: c >= 2 ->
		LD_FINAL(c, f);
		if
		:: sub(x, h) < sub(f, h) -> lim = x
		:: else -> lim = f
		fi
	fi
}

#ifdef DONE_EARLY
#define DONE	(c >= 1)
#else
#define DONE	(c >= 2 && f == h)
#endif

proctype Consumer() {
	byte lim = START;	/* items below it may be taken */
	byte c, f, n, pend, x;
	do
	:: true ->
		if :: n = 1 :: n = MAXN fi;
		if
		:: sub(lim, h) < n -> look()
		:: else
		fi;
		if
		:: lim == h && DONE -> drained = true; break
		:: lim == h && !DONE ->	/* empty */
#ifdef PARK
			ST(C, PARKED, 1);
#if !defined(SC)
			MFENCE(C);
#endif
#if !defined(SC) && !defined(FENCE)
			membarrier(pend);
#endif
			look();
			if
			:: lim != h || c >= 2
			:: else ->
				d_step { LOCKED(C) -> asleep = (mem[PARKED] == 1) };
end_asleep:			!asleep
			fi;
			ST(C, PARKED, 0)
#else
end_empty:		mem[TAIL] != x || mem[CLOSED] != c
#endif
		:: else ->
			if :: sub(lim, h) < n -> n = sub(lim, h) :: else fi;
			pend = 0;
			do
			:: pend < n ->
				d_step { assert(SLOT(P, add(h, pend)) == 0); SLOT(C, add(h, pend))++ };
				d_step { load(C, ITEM(add(h, pend)), x); SLOT(C, add(h, pend))--; assert(x == add(h, pend) + 1); x = 0 };
				put(C, add(h, pend), 0);
				pend++
			:: else -> pend = 0; break
			od;
			atomic { h = add(h, n); n = 0; ST(C, HEAD, h) }
		fi;
		atomic { x = 0; c = 0; f = 0 }
	od
}

/* When nothing can move any more: taken == accepted, and a close was noticed. */
active proctype Monitor() {
	timeout -> assert(t == h); assert(mem[CLOSED] == 0 || drained)
}

init {
	d_step { t = START; h = START; mem[TAIL] = START; mem[HEAD] = START }
	atomic { run Producer(); run Consumer(); run Closer() }
}
