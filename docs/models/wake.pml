/*
 * wake.pml models Wake, Stop and the like in exec/exec.go (signal) against the loop in
 * exec/thread.go (run, obey) and exec/park.go: what an outside thread tells an Exec
 * through the word ctl, about something that no inbox shows (a Source has work).
 *
 *   outside: make the source ready (plain); ctl |= wake (a locked op); load parked;
 *            if 1: CAS parked 1 -> 0, and the winner calls futex_wake
 *   loop:    a turn: poll the source; then load ctl: wake is set: clear it (a locked op)
 *            and run ANOTHER turn before any park; not set, and the turn did nothing:
 *            parked = 1; membarrier; ctl != 0: parked = 0, go on; futex_wait(parked == 1)
 *
 * Checked: whenever nothing can move any more, all that Wake was called for has been
 * polled. Two outside threads, who may stop at any time.
 *
 * Abstracted: a source is a counter of each outside thread, modulo 4, which is not
 * moved on before the loop has seen it.
 *
 * -DFENCE      a fence in place of membarrier (the locked op is the outside's fence)
 * -DSC         all shared words are sync/atomic
 * -DEATEN      must fail: the loop clears wake and parks without another turn
 * -DNO_RECHECK must fail: no second look at ctl
 */
#define MOD	4
#define C	2
#define NT	3
#define SBK	2
#define PARKED	0
#define CTL	1
#define SOURCE(p)	(2 + (p))
#define SEEN(p)	(4 + (p))
#define NADDR	6
#define ARRIVED(t, a)	skip

#include "tso.h"

bool asleep;
bool signals = true;	/* futex_wait may still return for no reason */

proctype Outside(byte p) {
	byte s, k;
	do
	:: true -> break
	:: mem[SEEN(p)] == s ->
		atomic { s = (s + 1) % MOD; ST(p, SOURCE(p), s) };
		d_step { LOCKED(p) -> mem[CTL] = 1 };
		LD(p, PARKED, k);
		if
		:: k == 1 ->
			d_step { LOCKED(p) -> k = mem[PARKED]; mem[PARKED] = 0 };
			if :: k == 1 -> asleep = false :: else fi;
			k = 0
		:: else
		fi
	od
}

proctype Loop() {
	byte c, k, pend, seen0, seen1;
	bool did;
	do
	:: true ->
		did = false;
		atomic { LD(C, SOURCE(0), k); did = did || k != seen0; seen0 = k; k = 0 };
		ST(C, SEEN(0), seen0);
		atomic { LD(C, SOURCE(1), k); did = did || k != seen1; seen1 = k; k = 0 };
		ST(C, SEEN(1), seen1);
		LD(C, CTL, c);
		if
		:: c -> d_step { LOCKED(C) -> mem[CTL] = 0 }
		:: else
		fi;
#ifdef EATEN
		c = 0;
#endif
		if
		:: did || c -> c = 0
		:: else ->
			ST(C, PARKED, 1);
#ifndef SC
			MFENCE(C);
#endif
#if !defined(SC) && !defined(FENCE)
			membarrier(pend);
#endif
#ifndef NO_RECHECK
			LD(C, CTL, c);
#endif
			if
			:: c -> c = 0
			:: else ->
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
	timeout -> assert(mem[SOURCE(0)] == mem[SEEN(0)] && mem[SOURCE(1)] == mem[SEEN(1)])
}

init { atomic { run Outside(0); run Outside(1); run Loop() } }
