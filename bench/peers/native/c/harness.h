/*
 * What every queue in C is put through: producers that number their elements, a consumer that looks at each, and the
 * way in which either waits for the other. The rules are those of the Go package bench/internal/queue.
 *
 * A library's file says how it pushes and pops, and INSTANCE makes the threads' code from that, so that the compiler
 * sees through the calls as it does in a program written for one queue.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <time.h>

#define CAPACITY 4096 /* slots of every queue, a power of two */
#define BATCH_MAX 256 /* elements that are pushed or popped at once */
#define DRAIN 64      /* the consumer takes at least so many at once, where there are so many */
#define PRODUCERS_MAX 4
#define WORDS_MAX 8 /* of an element: 64 bytes */

/* Objects that a producer's pointers point to, used in turn. More than the queue and both sides' hands hold, so that
 * none is written while somebody may still read it. */
#define OBJECTS (2 * CAPACITY)

_Static_assert(sizeof(void *) == sizeof(uint64_t), "pointers are elements of 8 bytes");

/*
 * A queue whose producers wait for each other inside of a push gets into step with the scheduler where they share a
 * cpu: a time slice per element. Such a run ends after so many ns, ten times what a measurement takes, and counts what
 * has come by then.
 */
#define LIMIT 300000000

#define ALWAYS_INLINE static inline __attribute__((always_inline))

enum fault { FAULT_NONE, FAULT_DROP, FAULT_DOUBLE, FAULT_CHANGE };

/* What one measurement is asked for. */
struct shape {
	char queue[16]; /* "spsc", "mpsc", ...: the library's file knows */
	unsigned producers, batch, size;
	int pointers, onecore;
	unsigned long n;     /* elements of all producers together */
	int cpus[2];         /* negative: not pinned */
	enum fault fault;    /* what the first producer does wrong, once, to show that the consumer sees it */
};

/* The consumer's account. */
struct check {
	uint64_t next[PRODUCERS_MAX]; /* the number that is due from each */
	uint64_t seen, wrong;
};

/* Where a producer makes its batches. */
struct maker {
	alignas(64) uint64_t batch[BATCH_MAX * WORDS_MAX];
	alignas(64) uint64_t objects[OBJECTS * WORDS_MAX]; /* what pointers point to */
	uint64_t used;                                     /* of these, so far */
};

/* One measurement. */
struct run {
	struct shape ask;
	void *queue;
	struct maker *makers;  /* one per producer; they live as long as the run, because the consumer reads the objects */
	struct check check;    /* written by the consumer at its end */
	uint64_t sent[PRODUCERS_MAX]; /* written by each producer at its end */
	const char *error;     /* of a thread that could not do its part */
	struct timespec start, end;
	alignas(128) atomic_uint ready;    /* threads that wait for the common start */
	alignas(128) atomic_bool go;       /* all are ready */
	atomic_bool stop;                  /* the time is over; only where threads share a cpu */
	alignas(128) atomic_uint finished; /* producers that have pushed everything */
};

/* The two kinds of threads, and the one that is both, made for one way to push and pop one size of element. */
struct instance {
	const char *queue;
	unsigned size;
	int pointers;
	void (*produce)(struct run *, unsigned who);
	void (*consume)(struct run *);
	void (*solo)(struct run *);
	unsigned (*pop_one)(void *queue); /* for what should not be there at the end */
};

/* A library's file provides these. */
extern const struct instance instances[]; /* ends with one that has no queue */
const char *library_start(void);          /* NULL, or why it cannot be used here; called once */
void *queue_new(const struct shape *);    /* empty; NULL without memory */
void queue_free(void *);

/* Push takes up to n elements of what src holds, pop up to n; both return how many. */
typedef unsigned push_fn(void *queue, const void *src, unsigned n);
typedef unsigned pop_fn(void *queue, void *dst, unsigned n);

ALWAYS_INLINE void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield" ::: "memory");
#endif
}

/* Waits as measure.Poll does; where threads share a cpu, it gives that up after 64 looks in vain. */
struct poll {
	unsigned pauses, vain;
	bool shared;
};

ALWAYS_INLINE void poll_took(struct poll *p, unsigned n, unsigned full)
{
	if (n >= full) {
		p->pauses = p->vain = 0;
		return;
	}
	p->pauses = 2 * p->pauses + 1 < 32 ? 2 * p->pauses + 1 : 32;
	for (unsigned i = 0; i < p->pauses; i++)
		relax();
	p->vain = n > 0 ? 0 : p->vain + 1;
	if (p->shared && p->vain > 0 && p->vain % 64 == 0)
		sched_yield();
}

ALWAYS_INLINE bool shares(const struct run *r) { return r->ask.producers > 1; }

/* How many elements a producer sends. */
ALWAYS_INLINE uint64_t quota(const struct shape *s, unsigned who)
{
	return s->n / s->producers + (who < s->n % s->producers);
}

/* An element begins with its number; the rest repeats the complement of that. */
ALWAYS_INLINE void element_write(uint64_t *e, uint64_t number, unsigned words)
{
	e[0] = number;
	for (unsigned w = 1; w < words; w++)
		e[w] = ~number;
}

ALWAYS_INLINE void element_check(struct check *c, const uint64_t *e, unsigned words, bool several)
{
	uint64_t number = e[0], who = several ? number >> 48 : 0, bad = 0;
	for (unsigned w = 1; w < words; w++)
		bad |= e[w] ^ ~number;
	if (several && who >= PRODUCERS_MAX) {
		c->wrong++;
		return;
	}
	uint64_t due = c->next[who]++ | who << 48;
	c->wrong += (number != due) | (bad != 0);
}

ALWAYS_INLINE void check_all(struct check *c, const void *buf, unsigned n, unsigned words, bool pointers, bool several)
{
	for (unsigned i = 0; i < n; i++) {
		const uint64_t *e = (const uint64_t *)buf + i * words;
		if (pointers)
			e = (const uint64_t *)(uintptr_t)((const uint64_t *)buf)[i];
		element_check(c, e, words, several);
	}
	c->seen += n;
}

/* Puts the elements with the numbers from first on into the batch. */
ALWAYS_INLINE void make(struct maker *m, uint64_t first, unsigned n, unsigned words, bool pointers)
{
	for (unsigned i = 0; i < n; i++) {
		uint64_t *e = m->batch + i * words;
		if (pointers) {
			e = m->objects + m->used++ % OBJECTS * words;
			m->batch[i] = (uintptr_t)e;
		}
		element_write(e, first + i, words);
	}
}

/* Makes the batch that is wrong: nothing, one element twice, or one changed in its last word. */
ALWAYS_INLINE unsigned spoil(struct maker *m, enum fault fault, uint64_t number, unsigned words, bool pointers)
{
	const unsigned bytes = pointers ? 8 : 8 * words;
	make(m, number, 1, words, pointers);
	uint64_t *e = pointers ? m->objects + (m->used - 1) % OBJECTS * words : m->batch;
	if (fault == FAULT_CHANGE)
		e[words - 1] ^= 1;
	if (fault == FAULT_DOUBLE)
		memcpy((char *)m->batch + bytes, m->batch, bytes);
	return fault == FAULT_DROP ? 0 : fault == FAULT_DOUBLE ? 2 : 1;
}

/* Pins the calling thread to the run's cpu i, waits until all of so many threads have come, and notes the time then. */
void arrive(struct run *, unsigned i, unsigned threads);

/* Sets the end to now; returns the nanoseconds since the start. */
double lap(struct run *);

ALWAYS_INLINE void push_all(struct run *r, push_fn *push, const void *buf, unsigned n, unsigned bytes)
{
	struct poll wait = {.shared = shares(r)};
	if (n == 1) { /* code of its own */
		while (!push(r->queue, buf, 1))
			poll_took(&wait, 0, 1);
		return;
	}
	for (unsigned done = 0; (done += push(r->queue, (const char *)buf + done * bytes, n - done)) < n;)
		poll_took(&wait, 0, 1);
}

/* A producer. As a solo, the one thread that is both sides, it pops what it has just pushed, and looks at it. */
ALWAYS_INLINE void send(struct run *r, unsigned who, push_fn *push, pop_fn *pop, unsigned words, bool pointers,
			unsigned batch, bool solo)
{
	const unsigned bytes = pointers ? 8 : 8 * words;
	const uint64_t all = quota(&r->ask, who), base = (uint64_t)who << 48;
	const enum fault fault = who == 0 ? r->ask.fault : FAULT_NONE;
	const bool shared = shares(r);
	struct maker *m = &r->makers[who];
	alignas(64) uint64_t popped[BATCH_MAX * WORDS_MAX];
	struct check c = {0};

	arrive(r, solo ? 1 : who % 2, solo ? 1 : r->ask.producers + 1);
	uint64_t i = 0;
	for (uint64_t end = fault ? all / 2 : all; !(shared && atomic_load_explicit(&r->stop, memory_order_relaxed));) {
		unsigned n = batch;
		if (i < end) {
			if (n > end - i)
				n = end - i;
			make(m, base + i, n, words, pointers);
			i += n;
		} else if (end < all) { /* here is the one that goes wrong */
			n = spoil(m, fault, base + i, words, pointers);
			i++;
			end = all;
		} else {
			break;
		}
		push_all(r, push, m->batch, n, bytes);
		if (solo) {
			n = n == 1 ? pop(r->queue, popped, 1) : pop(r->queue, popped, n);
			check_all(&c, popped, n, words, pointers, false);
		}
	}
	if (solo) {
		lap(r);
		r->check = c;
	}
	r->sent[who] = i;
	atomic_fetch_add(&r->finished, 1);
}

/* The consumer. What does not come after all producers have finished is lost. */
ALWAYS_INLINE void receive(struct run *r, pop_fn *pop, unsigned words, bool pointers, bool several)
{
	const unsigned full = r->ask.batch > DRAIN ? r->ask.batch : DRAIN;
	alignas(64) uint64_t popped[BATCH_MAX * WORDS_MAX];
	struct check c = {0};
	struct poll wait = {.shared = shares(r)};
	bool over = false;

	arrive(r, 1, r->ask.producers + 1);
	while (c.seen < r->ask.n) {
		unsigned n = pop(r->queue, popped, full);
		check_all(&c, popped, n, words, pointers, several);
		poll_took(&wait, n, full);
		if (n == 0 && over)
			break;
		if (n == 0 && wait.vain % 64 == 0) {
			over = atomic_load(&r->finished) == r->ask.producers;
			if (shares(r) && lap(r) > LIMIT)
				atomic_store(&r->stop, true);
		}
	}
	lap(r);
	r->check = c;
}

/* One at a time is code of its own, as are elements that do not tell who sent them. */
#define INSTANCE(name, push, pop, words, pointers)                                                        \
	static void name##_produce(struct run *r, unsigned who)                                           \
	{                                                                                                 \
		if (r->ask.batch == 1)                                                                    \
			send(r, who, push, pop, words, pointers, 1, false);                               \
		else                                                                                      \
			send(r, who, push, pop, words, pointers, r->ask.batch, false);                    \
	}                                                                                                 \
	static void name##_consume(struct run *r)                                                         \
	{                                                                                                 \
		if (r->ask.producers == 1)                                                                \
			receive(r, pop, words, pointers, false);                                          \
		else                                                                                      \
			receive(r, pop, words, pointers, true);                                           \
	}                                                                                                 \
	static void name##_solo(struct run *r)                                                            \
	{                                                                                                 \
		if (r->ask.batch == 1)                                                                    \
			send(r, 0, push, pop, words, pointers, 1, true);                                  \
		else                                                                                      \
			send(r, 0, push, pop, words, pointers, r->ask.batch, true);                       \
	}                                                                                                 \
	static unsigned name##_pop_one(void *queue)                                                       \
	{                                                                                                 \
		alignas(64) uint64_t e[WORDS_MAX];                                                        \
		return pop(queue, e, 1);                                                                  \
	}

/* A line of the library's table of instances. */
#define ENTRY(queue, size, pointers, name) \
	{queue, size, pointers, name##_produce, name##_consume, name##_solo, name##_pop_one}
#endif
