/*
 * mpsc.pml models ring/mpsc*.go (claim, publish, close) together with the parking of its
 * consumer (exec/park.go), which may sleep at a hole: a claim not yet published.
 *
 *   producer: load claim = index<<1 | closed; closed: refused; load head; no room: full;
 *             CAS claim to index+n: accepted. Slots (plain MOV); pub[index] = index+n
 *             (StoreRelease); [FENCE: fence]; load parked; if parked and ready (head's
 *             claim is published): CAS parked, and whoever wins calls futex_wake
 *   consumer: walks pub from head on, from claim to claim: e = pub[h] is valid iff
 *             e-h > 0, signed (and is then no more than CAP); takes some of the items it
 *             knows, clears them; if it stops inside them, writes pub there itself;
 *             stores head. Nothing valid: closed and claim == h: drained; else parked,
 *             membarrier [FENCE: fence], look again, futex_wait
 *   closer:   sets the closed bit (a locked op); wakes a parked consumer
 *
 * Checked: what is taken is what was accepted, each producer's items in order; a closed
 * ring's consumer takes all that was claimed before the close, and then learns that it is
 * drained; no lost wake-up (when nothing can move any more, nothing published or claimed
 * is left); slot accesses never overlap; "full" is said only if there was no room at the
 * moment head was loaded; no wake is spent on a consumer whose claim is unpublished.
 *
 * That last check holds only with -DEPOCH: parked is counted up by one to park (odd) and
 * by one to end it (even), so that the CAS names the park that was looked at. With a plain
 * 0/1 word (as the Go code has it) a producer that is delayed between its look at ready
 * and its CAS can end a later park, at the next hole or at an empty ring: in vain, but no
 * wake is ever lost.
 *
 * Abstracted: N items for each producer, in claims of 1 or 2; indices modulo 16, the claim
 * word modulo 32, wrapping in the run; N*PRODUCERS is less than half the modulus because
 * a pub entry that no claim started at for half a wrap looks valid again (2^62
 * items in the Go code: pub must be as wide as the indices). A producer facing a
 * full ring waits for a change; the closer never comes, or comes at any time. The
 * producers' shared copy of head is left out: it is never beyond head, and reloaded
 * before "full" is said.
 *
 * -DPRODUCERS=n -DN=n (three producers at most); -DNO_CLOSE; -DPOLL: no parking
 * -DFENCE         producers and consumer fence, no membarrier
 * -DSC            all shared words are sync/atomic; no fence and no membarrier
 * -DEPOCH         a design not in the Go code: parked counts; implies -DSTRICT
 * -DOWN_START     nor this: ready is "head is my claim's start", no look at pub is needed
 * -DSTRICT        must fail: that check with a 0/1 word
 * -DNO_MEMBARRIER must fail: the consumer fences itself only
 * -DNO_RECHECK    must fail: sleeps without the second look
 * -DEPOCH -DNO_READY  must fail: whoever sees parked wakes
 * -DHEAD_STALE    must fail: head is loaded before claim, and "full" may be untrue
 * -DCLOSED_APART  must fail: closed in a word of its own, checked before the CAS
 * -DPUB_FIRST     must fail: pub stored before the slots
 * -DPUB_ZERO      must fail: pub starts as 0 though the indices do not
 */
#ifndef PRODUCERS
#define PRODUCERS 2
#endif
#ifndef N
#define N	2
#endif
#ifdef EPOCH
#define STRICT
#endif
#define CAP	2
#define MOD	16
#define START	(MOD-2)
#define C	PRODUCERS	/* threads: the producers, then the consumer */
#define NT	(PRODUCERS+1)
#define SBK	4
#define CLAIM	0
#define HEAD	1
#define PARKED	2
#define CLOSED	3	/* used by CLOSED_APART only */
#define PUB(i)	(4 + (i) % CAP)
#define ITEM(i)	(4 + CAP + (i) % CAP)
#define NADDR	(4 + 2*CAP)
#define sub(a, b)	(((a) + MOD - (b)) % MOD)
#define add(a, b)	(((a) + (b)) % MOD)
#define valid(e, h)	(sub(e, h) >= 1 && sub(e, h) < MOD/2)	/* e-h > 0, signed */
#define item(p, k)	((p)*8 + (k) + 1)

byte busy[CAP];		/* ghost: accesses under way to a slot, each by one thread at a time */
#define BUSY(i)	busy[(i) % CAP]
#define ARRIVED(t, a)	if :: (a) >= 4 + CAP -> BUSY((a) - 4 - CAP)-- :: else fi

#include "tso.h"

byte accepted[PRODUCERS], taken[PRODUCERS];
bool asleep, drained;

#ifdef EPOCH
#define ODD(x)	((x) & 1)
#define ENDED(x)	((x) + 1)
#define PARK(x)	((x) + 1)
#else
#define ODD(x)	((x) == 1)
#define ENDED(x)	0
#define PARK(x)	1
#endif
#ifdef CLOSED_APART
#define CLOSED_APART_NOW	mem[CLOSED]
#else
#define CLOSED_APART_NOW	false
#endif

inline put(who, i, v) {
	atomic { sbn[who] < SBK -> assert(BUSY(i) == 0); BUSY(i)++; ST(who, ITEM(i), v) }
}

/* The atomics below glue local steps to the one access to shared memory they contain. */
proctype Producer(byte p) {
	byte c, e, h, k, n;
next:
	atomic {
		c = 0; e = 0; h = 0; k = 0; n = 0;
		if
		:: accepted[p] == N -> goto end
		:: accepted[p] + 1 <= N -> n = 1
		:: accepted[p] + 2 <= N -> n = 2
		fi
	};
again:
#ifdef HEAD_STALE
	LD(p, HEAD, h);
#endif
	atomic {
		LD(p, CLAIM, c);
#ifndef CLOSED_APART
		if :: c & 1 -> goto end :: else fi	/* refused */
#endif
	};
#ifdef CLOSED_APART
	atomic { LD(p, CLOSED, k); if :: k == 1 -> goto end :: else -> k = 0 fi };
#endif
	atomic {
#ifndef HEAD_STALE
		LD(p, HEAD, h);
#endif
		if
		:: sub(c/2, h) <= CAP && sub(c/2, h) + n > CAP ->
			assert(sub(mem[CLAIM]/2, mem[HEAD]) + n > CAP);
			goto no_room
		:: else		/* room, or head is beyond this claim: then it has moved, and the CAS fails */
		fi;
		h = 0
	};
	atomic {
		LOCKED(p) ->
		if
		:: mem[CLAIM] == c ->
			e = add(c/2, n);
			mem[CLAIM] = 2*e + (c & 1);
			c = c/2;
			accepted[p] = accepted[p] + n
		:: else -> goto again
		fi
	};
#ifdef PUB_FIRST
	ST(p, PUB(c), e);
#endif
	do
	:: k < n -> put(p, add(c, k), item(p, accepted[p] - n + k)); k++
	:: k == n -> break
	od;
#ifndef PUB_FIRST
	atomic { ST(p, PUB(c), e); e = 0; n = 0 };
#endif
#ifdef FENCE
	MFENCE(p);
#endif
	atomic { LD(p, PARKED, k); if :: ODD(k) :: else -> goto next fi };
#ifndef NO_READY
#ifdef OWN_START
	atomic { LD(p, HEAD, h); if :: h == c -> h = 0 :: else -> goto next fi };
#else
	atomic { c = 0; LD(p, HEAD, h) };
	atomic { LD(p, PUB(h), e); if :: valid(e, h) -> h = 0; e = 0 :: else -> goto next fi };
#endif
#endif
	atomic {
		LOCKED(p) ->
		if
		:: mem[PARKED] == k ->
			mem[PARKED] = ENDED(k);
#ifdef STRICT
			assert(valid(mem[PUB(mem[HEAD])], mem[HEAD]))	/* not in vain */
#endif
		:: else -> goto next
		fi
	};
	asleep = false;		/* futex_wake */
	goto next;
no_room:			/* poll */
	atomic { mem[HEAD] != h || mem[CLAIM] != c -> h = 0; c = 0; goto again };
end:	skip
}

proctype Closer() {
	byte k;
	if
	:: true -> goto end	/* never closed */
	:: true
	fi;
#ifdef CLOSED_APART
	mem[CLOSED] = 1;
#else
	mem[CLAIM] = mem[CLAIM] | 1;	/* a locked op; the closer has nothing in a store buffer */
#endif
#ifndef POLL
	k = mem[PARKED];
	if
	:: ODD(k) ->
		atomic { if :: mem[PARKED] == k -> mem[PARKED] = ENDED(k) :: else -> goto end fi };
		asleep = false
	:: else
	fi;
#endif
end:	skip
}

/* look walks from claim to claim until want items are known or a claim is unpublished. */
inline look(want) {
	do
	:: sub(lim, h) >= want -> break
	:: sub(lim, h) < want ->
		atomic {
			LD(C, PUB(lim), e);
			if
			:: valid(e, lim) -> lim = e; e = 0
			:: else -> e = 0; break
			fi
		}
	od
}

/* finished sets fin if the ring is closed and nothing claimed is left. */
inline finished() {
#ifdef CLOSED_APART
	LD(C, CLOSED, k);
	atomic { LD(C, CLAIM, e); fin = (k == 1 && e/2 == h); e = 0; k = 0 }
#else
	atomic { LD(C, CLAIM, e); fin = ((e & 1) && e/2 == h); e = 0 }
#endif
}

proctype Consumer() {
	byte h = START, lim = START;	/* items below lim are known to be published */
	byte e, k, n, pend, epoch;
	bool fin;
	do
	:: true ->
		look(CAP);
		if
		:: lim == h -> finished()
		:: else
		fi;
		if
		:: lim != h ->
			if
			:: n = 1
			:: sub(lim, h) == 2 -> n = 2
			fi;
			do
			:: k < n ->
				d_step { assert(BUSY(add(h, k)) == 0); BUSY(add(h, k))++ };
				atomic {
					LD(C, ITEM(add(h, k)), e);
					BUSY(add(h, k))--;
					assert(e != 0 && taken[e/8] == (e - 1) % 8);
					taken[e/8] = taken[e/8] + 1;
					e = 0
				};
				put(C, add(h, k), 0);
				k++
			:: k == n -> break
			od;
			atomic { h = add(h, n); k = 0; n = 0 };
			if	/* stops inside what it knows: pub at head must stay valid */
			:: h != lim -> ST(C, PUB(h), lim)
			:: else
			fi;
			ST(C, HEAD, h)
		:: lim == h && fin -> drained = true; break
		:: lim == h && !fin ->
#ifdef POLL
end_empty:		valid(mem[PUB(h)], h) || (mem[CLAIM] == 2*h + 1) || (CLOSED_APART_NOW && mem[CLAIM] == 2*h)
#else
			atomic { epoch = PARK(epoch); ST(C, PARKED, epoch) };
#ifndef SC
			MFENCE(C);
#endif
#if !defined(SC) && !defined(FENCE) && !defined(NO_MEMBARRIER)
			membarrier(pend);
#endif
#ifndef NO_RECHECK
			look(1);
			if :: lim == h -> finished() :: else fi;
#endif
			if
			:: lim != h || fin
			:: lim == h && !fin ->
sleep:				atomic { LOCKED(C) -> asleep = (mem[PARKED] == epoch) };
end_asleep:			!asleep;
#ifdef EPOCH
				/* still parked: that was a wake that came late */
				if :: mem[PARKED] == epoch -> goto sleep :: else fi
#endif
			fi;
			atomic { epoch = ENDED(epoch); ST(C, PARKED, epoch) }
#endif
		fi
	od
}

#define CLOSEDNOW	((mem[CLAIM] & 1) || CLOSED_APART_NOW)

active proctype Monitor() {
	byte p;
	timeout ->
	do
	:: p < PRODUCERS -> assert(accepted[p] == taken[p]); p++
	:: else -> break
	od;
	assert(sub(mem[CLAIM]/2, mem[HEAD]) == 0);
	assert(!CLOSEDNOW || drained)
}

init {
	byte i;
	d_step {
		mem[CLAIM] = 2*START;
		mem[HEAD] = START;
#ifndef PUB_ZERO
		do
		:: i < CAP -> mem[PUB(i)] = START; i++	/* START-h is not in 1..CAP for any h to come */
		:: else -> break
		od;
		i = 0
#endif
	};
	atomic {
		run Producer(0);
#if PRODUCERS > 1
		run Producer(1);
#endif
#if PRODUCERS > 2
		run Producer(2);
#endif
		run Consumer();
#ifndef NO_CLOSE
		run Closer()
#endif
	}
}
