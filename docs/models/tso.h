/*
 * tso.h: the x86-TSO memory of Owens, Sarkar and Sewell, for the models here.
 *
 * Every thread has a FIFO store buffer of SBK entries. A store goes into the
 * thread's own buffer; the process Buffers moves the oldest entry of any buffer to
 * memory, at any time; a load looks in the thread's own buffer first (newest
 * entry wins) and then in memory. Nothing else reorders: that is all of TSO.
 *
 *   ST(t,a,v)      plain MOV to memory: Go's slot writes, and mem.StoreRelease on amd64
 *   LD(t,a,x)      any load: sync/atomic loads are plain MOVs on amd64
 *   MFENCE(t)      mem.Fence: passes only when t's own buffer is empty
 *   LOCKED(t)      first guard of a d_step that reads and writes mem[]: a LOCK-prefixed op
 *   membarrier(p)  mem.Membarrier: every thread's buffer is empty at some moment between
 *                  call and return, not at one common moment, and in any order: an IPI
 *                  per cpu promises no more. The kernel has a full barrier of the caller
 *                  before the first IPI; so the caller runs MFENCE first
 *                  (park.pml -DLATE_ENTRY shows that this is needed). Waiting for "empty" is the same as
 *                  forcing the drain, because Buffers can always run.
 *
 * The including model defines NT (threads with a buffer), SBK (buffer depth; a
 * store to a full buffer waits), NADDR (words of memory), and
 * ARRIVED(t,a), a statement run when a store reaches memory (ghost state).
 * With -DSC stores go straight to memory: sequential consistency, the semantics
 * that Go promises a program whose shared words are all sync/atomic.
 */
byte mem[NADDR];
byte sba[NT*SBK];	/* addresses, oldest first; unused entries are 0 so that equal states look equal */
byte sbv[NT*SBK];	/* values */
byte sbn[NT];		/* entries in use */
hidden byte i_;		/* scratch inside d_steps only */

#ifdef SC
inline ST(t, a, v) { d_step { mem[a] = v; ARRIVED(t, a); } }
#else
inline ST(t, a, v) {
	d_step {
		sbn[t] < SBK ->
		sba[(t)*SBK + sbn[t]] = a;
		sbv[(t)*SBK + sbn[t]] = v;
		sbn[t]++;
	}
}
#endif

/* load(): the body of LD, for d_steps that do more with the value at the same moment. */
inline load(t, a, x) {
	x = mem[a];
	i_ = 0;
	do
	:: i_ < sbn[t] ->
		if
		:: sba[(t)*SBK + i_] == (a) -> x = sbv[(t)*SBK + i_]
		:: else
		fi;
		i_++
	:: else -> break
	od;
	i_ = 0;
}
inline LD(t, a, x) { d_step { load(t, a, x) } }

#define LOCKED(t)	(sbn[t] == 0)
#define MFENCE(t)	(sbn[t] == 0)

/* pend is a byte of the caller's: the threads still to be seen with an empty buffer. */
inline membarrier(pend) {
	pend = (1 << NT) - 1;
	do
	:: pend == 0 -> break
	:: d_step { (pend & 1) && sbn[0] == 0 -> pend = pend & ~1 }
#if NT > 1
	:: d_step { (pend & 2) && sbn[1] == 0 -> pend = pend & ~2 }
#endif
#if NT > 2
	:: d_step { (pend & 4) && sbn[2] == 0 -> pend = pend & ~4 }
#endif
#if NT > 3
	:: d_step { (pend & 8) && sbn[3] == 0 -> pend = pend & ~8 }
#endif
	od
}

inline arrive(t) {
	mem[sba[(t)*SBK]] = sbv[(t)*SBK];
	ARRIVED(t, sba[(t)*SBK]);
	i_ = 1;
	do
	:: i_ < SBK -> sba[(t)*SBK + i_ - 1] = sba[(t)*SBK + i_]; sbv[(t)*SBK + i_ - 1] = sbv[(t)*SBK + i_]; i_++
	:: else -> break
	od;
	sba[(t)*SBK + SBK - 1] = 0;
	sbv[(t)*SBK + SBK - 1] = 0;
	sbn[t]--;
	i_ = 0;
}

active proctype Buffers() {
end:	do
	:: d_step { sbn[0] > 0 -> arrive(0) }
#if NT > 1
	:: d_step { sbn[1] > 0 -> arrive(1) }
#endif
#if NT > 2
	:: d_step { sbn[2] > 0 -> arrive(2) }
#endif
#if NT > 3
	:: d_step { sbn[3] > 0 -> arrive(3) }
#endif
	od
}
