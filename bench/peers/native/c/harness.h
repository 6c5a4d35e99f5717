/*
 * What every queue in C is put through: producers that number their elements, a consumer that looks at each, and the
 * way in which either waits for the other. The rules are those of the Go package bench/internal/queue.
 *
 * A library's file says how it pushes and pops, and INSTANCE makes the threads' code from that, so that the compiler
 * sees through the calls as it does in a program written for one queue.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include <sched.h>
#include <stdatomic.h>

#include "ages.h"
#include "element.h"

#include <stdlib.h>
#include <time.h>

/*
 * A queue whose producers wait for each other inside of a push gets into step with the scheduler where they share a
 * cpu: a time slice per element. Such a run ends after so many ns, many times what a measurement takes, and counts what
 * has come by then.
 */
#define LIMIT 300000000

/* What one measurement is asked for. */
struct shape {
	char queue[16]; /* "spsc", "mpsc", ...: the library's file knows */
	unsigned producers, batch, size;
	int pointers, onecore;
	unsigned long n;     /* elements of all producers together */
	int cpus[2];         /* negative: not pinned */
	enum fault fault;    /* what the first producer does wrong, once, to show that the consumer sees it */
	unsigned load;       /* percent of what the queue takes: ages are measured; 0: what it takes is */
	long skew;           /* ticks that the second cpu's counter is ahead */
};

/* One measurement. */
struct run {
	struct shape ask;
	void *queue;
	struct maker *makers;  /* one per producer; they live as long as the run, because the consumer reads the objects */
	struct check check;    /* written by the consumer at its end */
	uint64_t sent[PRODUCERS_MAX]; /* written by each producer at its end */
	uint64_t total;               /* of these */
	const char *_Atomic error; /* of a thread that could not do its part */
	struct timespec start, end;
	struct schedule schedule;
	struct ages ages;      /* written by the consumer */
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
	void (*produce)(struct run *, unsigned who); /* NULL, as consume, where there is a solo only */
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

/* Waits as measure.Poll does; where threads share a cpu, it gives that up after 8 looks in vain. */
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
	if (p->shared && p->vain >= 8)
		sched_yield();
}

ALWAYS_INLINE bool shares(const struct run *r) { return r->ask.producers > 1; }

/* How many elements a producer sends. */
ALWAYS_INLINE uint64_t quota(const struct shape *s, unsigned who)
{
	return s->n / s->producers + (who < s->n % s->producers);
}

/* Pins the calling thread to the run's cpu i, waits until all of so many threads have come, and notes the time then. */
void arrive(struct run *, unsigned i, unsigned threads);

/* Sets the end to now; returns the nanoseconds since the start. */
double lap(struct run *);

/*
 * How a producer waits, in any language: with one poll for all that it sends. It is told how much has gone in of a
 * portion of DRAIN elements (or a batch, if that is more) each time the queue is full, and when all of it has.
 */
struct pace {
	struct poll wait;
	unsigned portion, rest, gone; /* elements: of each, of this one, and of this one since the last look */
};

ALWAYS_INLINE void pace_pushed(struct pace *p, unsigned n)
{
	p->gone += n;
	if (p->gone >= p->rest) {
		poll_took(&p->wait, p->gone, p->rest);
		p->rest = p->portion;
		p->gone = 0;
	}
}

ALWAYS_INLINE void pace_full(struct pace *p)
{
	poll_took(&p->wait, p->gone, p->rest);
	p->rest -= p->gone;
	p->gone = 0;
}

ALWAYS_INLINE void push_all(struct run *r, struct pace *p, push_fn *push, const void *buf, unsigned n, unsigned bytes)
{
	if (n == 1) { /* code of its own */
		while (!push(r->queue, buf, 1))
			pace_full(p);
		pace_pushed(p, 1);
		return;
	}
	for (unsigned done = 0;;) {
		unsigned k = push(r->queue, (const char *)buf + done * bytes, n - done);
		pace_pushed(p, k);
		if ((done += k) == n)
			return;
		pace_full(p);
	}
}

/*
 * What a solo does with a batch, the one thread that is both sides. The queue is empty before and after, so that nobody
 * waits. The compiler is not to know that nobody looks into the middle of a bare batch: all of it is copied.
 */
ALWAYS_INLINE unsigned both(struct run *r, push_fn *push, pop_fn *pop, const void *src, void *dst, unsigned n)
{
	if (n == 1) { /* code of its own */
		push(r->queue, src, 1);
		return pop(r->queue, dst, 1);
	}
	__asm__ volatile("" : : "r"(src) : "memory");
	push(r->queue, src, n);
	n = pop(r->queue, dst, n);
	__asm__ volatile("" : : "r"(dst) : "memory");
	return n;
}

enum side { PRODUCER, SOLO, BARE };

/*
 * A producer. As a solo it pops what it has just pushed, and looks at it; if that is bare, it makes and looks at the
 * ends of each batch only: what the queue's instructions take.
 */
ALWAYS_INLINE void send(struct run *r, unsigned who, push_fn *push, pop_fn *pop, unsigned words, bool pointers,
			unsigned batch, enum side side)
{
	const bool solo = side != PRODUCER;
	const unsigned bytes = pointers ? 8 : 8 * words;
	const uint64_t all = quota(&r->ask, who), base = (uint64_t)who << 48;
	const enum fault fault = who == 0 ? r->ask.fault : FAULT_NONE;
	const bool shared = shares(r);
	struct maker *m = &r->makers[who];
	alignas(64) uint64_t popped[BATCH_MAX * WORDS_MAX];
	struct check c = {0};
	const unsigned portion = batch > DRAIN ? batch : DRAIN;
	struct pace p = {.wait.shared = shared, .portion = portion, .rest = portion};

	arrive(r, solo ? 1 : who % 2, solo ? 1 : r->ask.producers + 1);
	uint64_t i = 0;
	for (uint64_t end = fault ? all / 2 : all; !(shared && atomic_load_explicit(&r->stop, memory_order_relaxed));) {
		unsigned n = batch;
		if (i < end) {
			if (n > end - i)
				n = end - i;
			if (side == BARE)
				make_ends(m, i, n);
			else
				make(m, base + i, n, words, pointers);
			i += n;
		} else if (end < all) { /* here is the one that goes wrong */
			n = spoil(m, fault, base + i, words, pointers);
			i++;
			end = all;
		} else {
			break;
		}
		if (!solo) {
			push_all(r, &p, push, m->batch, n, bytes);
			continue;
		}
		n = both(r, push, pop, m->batch, popped, n);
		if (side == BARE)
			check_ends(&c, popped, n);
		else
			check_all(&c, popped, n, words, pointers, false);
	}
	if (solo) {
		lap(r);
		r->check = c;
	}
	r->sent[who] = i;
	atomic_fetch_add(&r->finished, 1);
}

/* A producer, or a solo, that sends what is due, in batches that go when they are full or nothing more is due. */
ALWAYS_INLINE void send_due(struct run *r, unsigned who, push_fn *push, pop_fn *pop, unsigned words, bool pointers,
			    unsigned batch, bool solo)
{
	const unsigned bytes = pointers ? 8 : 8 * words, portion = batch > DRAIN ? batch : DRAIN;
	const uint64_t all = quota(&r->ask, who), base = (uint64_t)who << 48;
	const double first = r->schedule.gap * who, each = r->schedule.gap * r->ask.producers;
	const bool shared = shares(r);
	struct maker *m = &r->makers[who];
	alignas(64) uint64_t popped[BATCH_MAX * WORDS_MAX];
	struct check c = {0};
	struct pace p = {.wait.shared = shared, .portion = portion, .rest = portion};

	arrive(r, solo ? 1 : who % 2, solo ? 1 : r->ask.producers + 1);
	int64_t none = 0;
	atomic_compare_exchange_strong(&r->schedule.start, &none, ticks() + (int64_t)r->schedule.gap);
	const int64_t start = atomic_load(&r->schedule.start);
	uint64_t i = 0;
	while (i < all && !(shared && atomic_load_explicit(&r->stop, memory_order_relaxed))) {
		unsigned n = due(start, first, each, i, i + batch < all ? i + batch : all);
		if (n == 0) {
			if (shared)
				sched_yield();
			continue;
		}
		make(m, base + i, n, words, pointers);
		i += n;
		if (!solo) {
			push_all(r, &p, push, m->batch, n, bytes);
			continue;
		}
		n = both(r, push, pop, m->batch, popped, n);
		ages_all(&r->ages, &r->schedule, 1, ticks(), popped, n, words, pointers);
		check_all(&c, popped, n, words, pointers, false);
	}
	if (solo) {
		lap(r);
		r->check = c;
	}
	r->sent[who] = i;
	atomic_fetch_add(&r->finished, 1);
}

/* The consumer. What does not come after all producers have finished is lost. */
ALWAYS_INLINE void receive(struct run *r, pop_fn *pop, unsigned words, bool pointers, bool several, bool aged)
{
	const unsigned full = r->ask.batch > DRAIN ? r->ask.batch : DRAIN;
	alignas(64) uint64_t popped[BATCH_MAX * WORDS_MAX];
	struct check c = {0};
	struct poll wait = {.shared = shares(r)};
	bool over = false;

	arrive(r, 1, r->ask.producers + 1);
	while (c.seen < r->ask.n) {
		unsigned n = pop(r->queue, popped, full);
		if (aged)
			ages_all(&r->ages, &r->schedule, r->ask.producers, ticks() - r->ask.skew, popped, n, words, pointers);
		check_all(&c, popped, n, words, pointers, several);
		if (!aged || several) {
			poll_took(&wait, n, full);
		} else if (n == 0) { /* more PAUSEs than one would be what is measured */
			relax();
			wait.vain++;
		}
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
		if (r->ask.load)                                                                          \
			send_due(r, who, push, pop, words, pointers, r->ask.batch, false);                \
		else if (r->ask.batch == 1)                                                               \
			send(r, who, push, pop, words, pointers, 1, PRODUCER);                            \
		else                                                                                      \
			send(r, who, push, pop, words, pointers, r->ask.batch, PRODUCER);                 \
	}                                                                                                 \
	static void name##_consume(struct run *r)                                                         \
	{                                                                                                 \
		if (r->ask.load)                                                                          \
			receive(r, pop, words, pointers, r->ask.producers > 1, true);                     \
		else if (r->ask.producers == 1)                                                           \
			receive(r, pop, words, pointers, false, false);                                   \
		else                                                                                      \
			receive(r, pop, words, pointers, true, false);                                    \
	}                                                                                                 \
	static void name##_solo(struct run *r)                                                            \
	{                                                                                                 \
		if (r->ask.load)                                                                          \
			send_due(r, 0, push, pop, words, pointers, r->ask.batch, true);                   \
		else if (r->ask.batch == 1)                                                               \
			send(r, 0, push, pop, words, pointers, 1, SOLO);                                  \
		else                                                                                      \
			send(r, 0, push, pop, words, pointers, r->ask.batch, SOLO);                       \
	}                                                                                                 \
	static unsigned name##_pop_one(void *queue)                                                       \
	{                                                                                                 \
		alignas(64) uint64_t e[WORDS_MAX];                                                        \
		return pop(queue, e, 1);                                                                  \
	}

/* The bare solo with words, of a queue that has an INSTANCE of them. */
#define INSTANCE_BARE(name, push, pop)                                       \
	static void name##_bare(struct run *r)                               \
	{                                                                    \
		if (r->ask.batch == 1)                                       \
			send(r, 0, push, pop, 1, false, 1, BARE);            \
		else                                                         \
			send(r, 0, push, pop, 1, false, r->ask.batch, BARE); \
	}

/* Lines of the library's table of instances. */
#define ENTRY(queue, size, pointers, name) \
	{queue, size, pointers, name##_produce, name##_consume, name##_solo, name##_pop_one}
#define ENTRY_BARE(queue, name) \
	{queue, 8, 0, NULL, NULL, name##_bare, name##_pop_one}
#endif
