/*
 * The server around the queues: a line per request, a line per answer, until the input ends.
 *
 *     spsc producers=1 batch=32 size=8 pointers=0 onecore=0 n=512 cpus=0,1 fault=none load=0 skew=0
 *
 * is answered by the nanoseconds per element and the number of elements; with load=80 by the 50th and the 99th
 * percentile of the ages at 80 % of what the queue takes, in ns, their number, how many were due per second, and the
 * percentage of that which was done; or by "error" and what went wrong. Before all it says "ready", or "skip" and why
 * there will be no answers.
 */
#define _GNU_SOURCE
#include "harness.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

/* A measurement takes some 20 ms. One that takes so many seconds hangs, and nobody may be there to end it. */
#define PATIENCE 40

/* As in bench/internal/ages: the pace is the median of some bursts, and a sample takes 25 ms. */
#define BURSTS 3
#define BURST (4 * CAPACITY)
#define LEAST 1024
#define SPAN_NS 25e6

static double ticks_per_ns;
static FILE *answers;      /* what stdout was: a library that prints does so to stderr */
static cpu_set_t anywhere; /* where the process was allowed to run when it began */

struct thread {
	struct run *run;
	const struct instance *code;
	unsigned who; /* a producer's index; that of the consumer comes after them */
	pthread_t id;
};

static bool pin(int cpu)
{
	cpu_set_t set = anywhere; /* a library may have pinned the thread that this one comes from */
	if (cpu >= 0) {
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
	}
	return pthread_setaffinity_np(pthread_self(), sizeof set, &set) == 0;
}

void arrive(struct run *r, unsigned i, unsigned threads)
{
	if (!pin(r->ask.cpus[i]))
		r->error = "cannot pin a thread to its cpu";
	if (atomic_fetch_add(&r->ready, 1) + 1 == threads) {
		clock_gettime(CLOCK_MONOTONIC, &r->start);
		atomic_store(&r->go, true);
		return;
	}
	for (struct poll wait = {.shared = true}; !atomic_load(&r->go);)
		poll_took(&wait, 0, 1);
}

static double nanoseconds(const struct run *r)
{
	return (r->end.tv_sec - r->start.tv_sec) * 1e9 + (r->end.tv_nsec - r->start.tv_nsec);
}

double lap(struct run *r)
{
	clock_gettime(CLOCK_MONOTONIC, &r->end);
	return nanoseconds(r);
}

/* Finds ticks_per_ns, in 10 ms. */
static void calibrate(void)
{
	struct timespec from, now;
	int64_t start = ticks();
	clock_gettime(CLOCK_MONOTONIC, &from);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - from.tv_sec) * 1e9 + (now.tv_nsec - from.tv_nsec) < 1e7);
	ticks_per_ns = (ticks() - start) / ((now.tv_sec - from.tv_sec) * 1e9 + (now.tv_nsec - from.tv_nsec));
}

static void *body(void *arg)
{
	struct thread *t = arg;
	if (t->run->ask.onecore)
		t->code->solo(t->run);
	else if (t->who < t->run->ask.producers)
		t->code->produce(t->run, t->who);
	else
		t->code->consume(t->run);
	return NULL;
}

/* Runs the threads. Returns whether all that was sent has come, and nothing else; if not, that is the answer. */
static bool once(struct run *r, const struct instance *code)
{
	const struct shape *s = &r->ask;
	const unsigned threads = s->onecore ? 1 : s->producers + 1;
	struct thread all[PRODUCERS_MAX + 1];
	for (unsigned i = 0; i < threads; i++) {
		all[i] = (struct thread){.run = r, .code = code, .who = i};
		int err = pthread_create(&all[i].id, NULL, body, &all[i]);
		if (err != 0) { /* those that have begun wait for this one, for ever */
			fprintf(answers, "error a thread: %s\n", strerror(err));
			fflush(answers);
			exit(1);
		}
	}
	for (unsigned i = 0; i < threads; i++)
		pthread_join(all[i].id, NULL);

	uint64_t left = 0;
	bool right = r->check.wrong == 0;
	r->total = 0;
	for (unsigned p = 0; p < s->producers; p++) {
		right = right && r->check.next[p] == r->sent[p];
		r->total += r->sent[p];
	}
	while (code->pop_one(r->queue))
		left++;
	right = right && r->check.seen == r->total && left == 0 && (r->total == s->n || r->stop);
	if (r->error)
		fprintf(answers, "error %s\n", r->error);
	else if (!right)
		fprintf(answers, "error data error: of %" PRIu64 " elements %" PRIu64 " came, %" PRIu64 " of them wrong, %" PRIu64
			" after the end\n", r->total, r->check.seen, r->check.wrong, left);
	return right && !r->error;
}

/* Makes the run ready for n elements at a distance of gap ticks. */
static void again(struct run *r, unsigned long n, double gap)
{
	r->ask.n = n;
	r->schedule.gap = gap;
	r->schedule.start = 0;
	r->check = (struct check){0};
	r->ages = (struct ages){0};
	r->ready = r->finished = 0;
	r->go = r->stop = false;
}

/* Sends a burst of elements that are all due at once; returns ticks per element, or 0. */
static double burst(struct run *r, const struct instance *code, unsigned long n)
{
	again(r, n, 0);
	return once(r, code) ? nanoseconds(r) * ticks_per_ns / r->total : 0;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* As ages.Load. */
static void latency(struct run *r, const struct instance *code)
{
	const bool whole = r->ask.n >= BURST;
	const unsigned bursts = whole ? BURSTS : 1;
	unsigned long n = r->ask.n;
	double paces[BURSTS];
	for (unsigned i = 0; i < bursts; i++)
		if ((paces[i] = burst(r, code, whole ? BURST : n)) == 0)
			return;
	qsort(paces, bursts, sizeof *paces, ascending);
	double gap = paces[bursts / 2] * 100 / r->ask.load;
	if (whole)
		n = SPAN_NS * ticks_per_ns / gap;
	again(r, n < LEAST && whole ? LEAST : n, gap);
	if (!once(r, code))
		return;
	double due = r->total * gap / ticks_per_ns, took = nanoseconds(r);
	fprintf(answers, "%.1f %.1f %" PRIu64 " %.0f %.2f\n", ages_quantile(&r->ages, .5) / ticks_per_ns,
		ages_quantile(&r->ages, .99) / ticks_per_ns, r->ages.all, 1e9 * ticks_per_ns / gap,
		due < took ? 100 * due / took : 100);
}

static void throughput(struct run *r, const struct instance *code)
{
	if (once(r, code))
		fprintf(answers, "%.4f %" PRIu64 "\n", nanoseconds(r) / r->total, r->total);
}

/* Reads a request. The answer is NULL, or why it is none. */
static const char *parse(const char *line, struct shape *s, const struct instance **code)
{
	static const char *const faults[] = {"none", "drop", "double", "change"};
	char fault[16];
	*s = (struct shape){0};
	if (sscanf(line, "%15s producers=%u batch=%u size=%u pointers=%d onecore=%d n=%lu cpus=%d,%d fault=%15s"
			 " load=%u skew=%ld", s->queue, &s->producers, &s->batch, &s->size, &s->pointers, &s->onecore, &s->n,
		   &s->cpus[0], &s->cpus[1], fault, &s->load, &s->skew) != 12)
		return "a request is QUEUE producers= batch= size= pointers= onecore= n= cpus= fault= load= skew=";
	while (s->fault <= FAULT_CHANGE && strcmp(fault, faults[s->fault]) != 0)
		s->fault++;
	if (s->fault > FAULT_CHANGE)
		return "fault is none, drop, double or change";
	if (s->n < 1)
		return "n is at least 1";
	if (s->load > 100 || (s->load && s->fault))
		return "load is 0 to 100, and 0 with a fault";
	if (s->batch < 1 || s->batch > BATCH_MAX)
		return "batch is 1 to 256";
	if (s->producers < 1 || s->producers > PRODUCERS_MAX || (s->producers > 1 && s->onecore))
		return "producers is 1 to 4, and 1 on one core";
	if (s->cpus[0] >= CPU_SETSIZE || s->cpus[1] >= CPU_SETSIZE)
		return "no such cpu";
	for (*code = instances; (*code)->queue; ++*code)
		if (!strcmp((*code)->queue, s->queue) && (*code)->size == s->size && (*code)->pointers == s->pointers) {
			if (!(*code)->produce && (!s->onecore || s->load))
				return "a bare queue has onecore=1 and load=0";
			return s->producers > 1 && !strcmp(s->queue, "spsc") ? "spsc has one producer" : NULL;
		}
	return "no such queue for elements of this size";
}

static void serve(const char *line)
{
	const struct instance *code;
	struct run *r = aligned_alloc(128, sizeof *r);
	if (!r)
		abort();
	memset(r, 0, sizeof *r);
	const char *wrong = parse(line, &r->ask, &code);
	if (!wrong) {
		size_t bytes = r->ask.producers * sizeof *r->makers;
		r->makers = aligned_alloc(alignof(struct maker), bytes);
		r->queue = queue_new(&r->ask);
		if (r->makers && r->queue) {
			memset(r->makers, 0, bytes); /* touched before the clock starts */
			(r->ask.load ? latency : throughput)(r, code);
		} else {
			wrong = "out of memory";
		}
		if (r->queue)
			queue_free(r->queue);
		free(r->makers);
	}
	if (wrong)
		fprintf(answers, "error %s\n", wrong);
	free(r);
}

int main(void)
{
	char line[256];
	answers = fdopen(dup(STDOUT_FILENO), "w");
	if (!answers || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return 1;
	sched_getaffinity(0, sizeof anywhere, &anywhere);
	calibrate();
	const char *reason = library_start();
	fprintf(answers, reason ? "skip %s\n" : "ready\n", reason);
	fflush(answers);
	while (!reason && fgets(line, sizeof line, stdin)) {
		alarm(PATIENCE);
		serve(line);
		alarm(0);
		fflush(answers);
	}
	return 0;
}
