/*
 * The server around the queues: a line per request, a line per answer, until the input ends.
 *
 *     spsc producers=1 batch=32 size=8 pointers=0 onecore=0 n=512 cpus=0,1 fault=none
 *
 * is answered by the nanoseconds per element and the number of elements, or by "error" and what went wrong. Before all
 * it says "ready", or "skip" and why there will be no answers.
 */
#define _GNU_SOURCE
#include "harness.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

/* A measurement takes some 30 ms. One that takes so many seconds hangs, and nobody may be there to end it. */
#define PATIENCE 40

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

/* Runs the threads and writes what came out. */
static void measure(struct run *r, const struct instance *code)
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

	uint64_t sent = 0, left = 0;
	bool right = r->check.wrong == 0;
	for (unsigned p = 0; p < s->producers; p++) {
		right = right && r->check.next[p] == r->sent[p];
		sent += r->sent[p];
	}
	while (code->pop_one(r->queue))
		left++;
	right = right && r->check.seen == sent && left == 0 && (sent == s->n || r->stop);
	if (r->error)
		fprintf(answers, "error %s\n", r->error);
	else if (!right)
		fprintf(answers, "error data error: of %" PRIu64 " elements %" PRIu64 " came, %" PRIu64 " of them wrong, %" PRIu64
			" after the end\n", sent, r->check.seen, r->check.wrong, left);
	else
		fprintf(answers, "%.4f %" PRIu64 "\n", nanoseconds(r) / sent, sent);
}

/* Reads a request. The answer is NULL, or why it is none. */
static const char *parse(const char *line, struct shape *s, const struct instance **code)
{
	static const char *const faults[] = {"none", "drop", "double", "change"};
	char fault[16];
	*s = (struct shape){0};
	if (sscanf(line, "%15s producers=%u batch=%u size=%u pointers=%d onecore=%d n=%lu cpus=%d,%d fault=%15s", s->queue,
		   &s->producers, &s->batch, &s->size, &s->pointers, &s->onecore, &s->n, &s->cpus[0], &s->cpus[1],
		   fault) != 10)
		return "a request is QUEUE producers= batch= size= pointers= onecore= n= cpus= fault=";
	while (s->fault <= FAULT_CHANGE && strcmp(fault, faults[s->fault]) != 0)
		s->fault++;
	if (s->fault > FAULT_CHANGE)
		return "fault is none, drop, double or change";
	if (s->n < 1)
		return "n is at least 1";
	if (s->batch < 1 || s->batch > BATCH_MAX)
		return "batch is 1 to 256";
	if (s->producers < 1 || s->producers > PRODUCERS_MAX || (s->producers > 1 && s->onecore))
		return "producers is 1 to 4, and 1 on one core";
	if (s->cpus[0] >= CPU_SETSIZE || s->cpus[1] >= CPU_SETSIZE)
		return "no such cpu";
	for (*code = instances; (*code)->queue; ++*code)
		if (!strcmp((*code)->queue, s->queue) && (*code)->size == s->size && (*code)->pointers == s->pointers)
			return s->producers > 1 && !strcmp(s->queue, "spsc") ? "spsc has one producer" : NULL;
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
			measure(r, code);
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
