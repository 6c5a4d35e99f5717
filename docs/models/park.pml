/*
 * park.pml models the Park handshake of exec/park.go and exec/lane.go: an Exec with two
 * producers, a lane (ring/spsc*.go) each, and one word, parked, that is also the futex
 * word (exec/sleeper_linux.go).
 *
 *   producer: slot; tail (StoreRelease); [FENCE: fence]; load parked;
 *             if 1: CAS parked 1 -> 0, and whoever wins calls futex_wake
 *   consumer: drain every lane; nothing there: parked = 1 (plain); membarrier
 *             [FENCE: fence]; look at every lane again; an item: parked = 0, go on;
 *             none: futex_wait(parked == 1); awake: parked = 0, go on
 *
 * Checked: no lost wake-up: whenever nothing can move any more, every published item
 * has been taken (the consumer may then be asleep) and no producer is stuck on a full
 * lane; items of a lane arrive in order; at most one futex_wake is decided on per park.
 * (The call itself may come late and end a later park: to the consumer that is a return
 * for no reason, which it must expect anyway.)
 * futex_wait may return for no reason (a signal) as often as it likes, until the
 * environment decides that it never will again. The run is unbounded, and each producer
 * may stop at any time.
 *
 * Abstracted: the lanes hold CAP items and have indices modulo 4; the race-freedom of
 * the slots is publish.pml's business; Wake is wake.pml's; timers only add reasons to
 * wake.
 *
 * -DONE -DCAP=2   one producer with a lane of two, so that two publishes can be in its buffer
 * -DFENCE         producers and consumer fence, no membarrier (mem.NeedFence)
 * -DSC            all shared words are sync/atomic, no fence and no membarrier
 * -DSWITCH        (exec/park.go, askForFences) the consumer asks its producers for fences
 *                 when parks come thick, and stops asking at will: need = 1, one more
 *                 membarrier, and only then parks with a fence alone; back to membarrier
 *                 first, then need = 0
 * -DDEAF         the inbox is a Mailbox (exec/mailbox.go): the consumer may want no item, and
 *                says so while it looks a last time; a producer that sees it does not wake
 * -DDEAF -DNO_HEAR  must fail: it wants items again and does not say so
 * -DNO_MEMBARRIER must fail: the consumer fences itself only
 * -DSWITCH -DNO_LAST_BARRIER  must fail: parks with a fence as soon as it has asked
 * -DFENCE -DNO_CFENCE  must fail: the producers fence, the consumer does not
 * -DLATE_ENTRY    must fail: membarrier interrupts the others before the caller's own
 *                 store is out (Linux promises that it does not)
 * -DNO_RECHECK    must fail: sleeps without the second look
 * -DRECHECK_FIRST must fail: the second look comes before the membarrier
 * -DCHECK_FIRST   must fail: the producer loads parked before it publishes
 * -DNO_CAS        must fail: load and store in place of the CAS, two wakes for a park
 */
#ifndef CAP
#define CAP 1
#endif
#define MOD	4
#define C	2	/* threads: producers 0 and 1, the consumer */
#define NT	3
#define SBK	4	/* two publishes */
#define PARKED	0
#define TAIL(p)	(1 + (p))
#define HEAD(p)	(3 + (p))
#define NEED	5	/* SWITCH only: this Exec asks its producers to fence */
#define ITEM(p, i)	(6 + (p)*CAP + (i) % CAP)
#define DEAFWORD	(6 + 2*CAP)	/* DEAF only */
#define NADDR	(7 + 2*CAP)
#define sub(a, b)	(((a) + MOD - (b)) % MOD)
#define add(a, b)	(((a) + (b)) % MOD)

/* Ghost: wakes decided on since parked last became 1. */
byte wakes;
#define WAKES	wakes++; assert(wakes <= 1)
#define ARRIVED(t, a)	if :: (a) == PARKED && mem[PARKED] == 1 -> wakes = 0 :: else fi

#include "tso.h"

bool asleep;		/* the consumer is in futex_wait */
bool signals = true;	/* futex_wait may still return for no reason */
bool wants = true;	/* DEAF only: the consumer has a receiver */
bool stopped[2];
byte t[2], h[2];	/* private indices, here so that Monitor sees them */

proctype Producer(byte p) {
	byte ch, pk;
	bool won;
	do
	:: d_step { stopped[p] = true; ch = 0 }; break
	:: true ->
		if
		:: sub(t[p], ch) == CAP -> LD(p, HEAD(p), ch)
		:: else
		fi;
		if
		:: sub(t[p], ch) == CAP ->
#ifdef DEAF
end_full:
#endif
			mem[HEAD(p)] != ch	/* full: poll */
		:: else ->
#ifdef CHECK_FIRST
			LD(p, PARKED, pk);
#endif
			ST(p, ITEM(p, t[p]), t[p] + 1);
			atomic { ST(p, TAIL(p), add(t[p], 1)); t[p] = add(t[p], 1) };
#ifdef FENCE
			MFENCE(p);
#endif
#ifdef SWITCH
			LD(p, NEED, pk);
			if :: pk -> MFENCE(p); pk = 0 :: else fi;
#endif
#ifndef CHECK_FIRST
			LD(p, PARKED, pk);
#endif
#ifdef DEAF
			if
			:: pk == 1 -> atomic { LD(p, DEAFWORD, pk); pk = 1 - pk }
			:: else
			fi;
#endif
			if
			:: pk == 1 ->
#ifdef NO_CAS
				ST(p, PARKED, 0);
				d_step { MFENCE(p) -> won = true; WAKES };
#else
				d_step { LOCKED(p) -> won = (mem[PARKED] == 1); if :: won -> mem[PARKED] = 0; WAKES :: else fi };
#endif
				if
				:: won -> d_step { asleep = false; won = false }	/* futex_wake */
				:: else
				fi;
				pk = 0
			:: else
			fi
		fi
	od
}

inline drain(p) {	/* take what lane p shows */
	LD(C, TAIL(p), tl);
	do
	:: h[p] == tl -> break
	:: else ->
		d_step { load(C, ITEM(p, h[p]), v); assert(v == h[p] + 1); v = 0; found = true };
		atomic { ST(C, HEAD(p), add(h[p], 1)); h[p] = add(h[p], 1) }
	od;
	tl = 0
}

inline recheck() {
	d_step { load(C, TAIL(0), tl); found = (tl != h[0]); tl = 0 };
	if
	:: !found -> d_step { load(C, TAIL(1), tl); found = (tl != h[1]); tl = 0 }
	:: else
	fi
}

proctype Consumer() {
	byte tl, v, pend;
	bool found;
#ifdef SWITCH
	bool fencing;	/* the producers are known to fence */
#endif
	do
	:: true ->
		found = false;
#ifdef DEAF
		if
		:: wants = false
		:: wants = true;
#ifndef NO_HEAR
			d_step { LOCKED(C) -> mem[DEAFWORD] = 0 }
#endif
		fi;
		if
		:: wants -> drain(0); drain(1)
		:: else
		fi;
#else
		drain(0);
		drain(1);
#endif
		if
		:: found -> found = false
		:: else ->
#ifdef SWITCH
			if
			:: true
			:: fencing -> fencing = false; ST(C, NEED, 0)
			:: !fencing -> ST(C, NEED, 1)
#ifdef NO_LAST_BARRIER
				; fencing = true
#endif
			fi;
#endif
			ST(C, PARKED, 1);
#ifdef RECHECK_FIRST
			recheck();
#endif
#if defined(FENCE) || defined(NO_MEMBARRIER)
#ifndef NO_CFENCE
			MFENCE(C);
#endif
#elif !defined(SC)
#ifndef LATE_ENTRY
			MFENCE(C);
#endif
#ifdef SWITCH
			if
			:: fencing
			:: else ->
				membarrier(pend);
				atomic { LD(C, NEED, tl); fencing = tl; tl = 0 }
			fi;
#else
			membarrier(pend);
#endif
#endif
#ifdef DEAF
			if
			:: wants -> recheck()
			:: else -> d_step { LOCKED(C) -> mem[DEAFWORD] = 1 }
			fi;
#elif !defined(NO_RECHECK) && !defined(RECHECK_FIRST)
			recheck();
#endif
			if
			:: found -> found = false
			:: else ->	/* futex_wait: compare and sleep are one step under the kernel's lock */
				d_step { LOCKED(C) -> asleep = (mem[PARKED] == 1) };
end_asleep:			!asleep
			fi;
			ST(C, PARKED, 0)
		fi
	od
}

active proctype Signals() {
	do
	:: d_step { asleep && signals -> asleep = false }
	:: d_step { signals = false }; break
	od
}

active proctype Monitor() {
	timeout -> assert(stopped[0] && stopped[1] && t[0] == h[0] && t[1] == h[1] || !wants)
}

init {
	atomic {
		run Producer(0);
#ifdef ONE
		stopped[1] = true;
#else
		run Producer(1);
#endif
		run Consumer()
	}
}
