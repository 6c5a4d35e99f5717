/*
 * Latency: elements are due at even distances, in turn with several producers, and their numbers say when. The rules
 * are those of the Go package bench/internal/ages.
 */
#ifndef AGES_H
#define AGES_H

#include "element.h"

/* The cycle counter that all cpus share. */
ALWAYS_INLINE int64_t ticks(void)
{
#if defined(__x86_64__) || defined(__i386__)
	return (int64_t)__builtin_ia32_rdtsc();
#elif defined(__aarch64__)
	int64_t t;
	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(t));
	return t;
#else
#error "no cycle counter is known here"
#endif
}

/* A histogram of ages in ticks: 64 buckets for each power of two, which is 1.6 %. The consumer's. */
#define BUCKETS (64 * 59)
struct ages {
	uint32_t count[BUCKETS];
	uint64_t all;
};

ALWAYS_INLINE void ages_add(struct ages *a, int64_t age)
{
	uint64_t t = age > 0 ? (uint64_t)age : 1;
	unsigned shift = t < 128 ? 0 : 57 - __builtin_clzll(t);
	a->count[64 * shift + (t >> shift)]++;
	a->all++;
}

/* Returns the age, in ticks, that a share of all do not exceed. */
static inline double ages_quantile(const struct ages *a, double share)
{
	uint64_t rank = (uint64_t)(share * a->all), below = 0;
	unsigned i = 0;
	while (i < BUCKETS - 1 && (below += a->count[i]) <= rank)
		i++;
	unsigned shift = i < 128 ? 0 : i / 64 - 1;
	return (double)((uint64_t)(i - 64 * shift) << shift);
}

/* When what is due. */
struct schedule {
	double gap;           /* in ticks; 0: all at the start */
	_Atomic int64_t start; /* noted by the first producer that comes */
};

/* How many of a producer's elements are due, from the next one on, of batch at most. */
ALWAYS_INLINE uint64_t due(int64_t start, double first, double each, uint64_t from, uint64_t to)
{
	double now = (double)(ticks() - start);
	if (now < first + each * (double)(to - 1)) /* else it is late by batches, and needs no division */
		to = now < first ? 0 : (uint64_t)((now - first) / each + 1);
	return to > from ? to - from : 0;
}

/* Notes the ages of what was popped. */
ALWAYS_INLINE void ages_all(struct ages *a, const struct schedule *s, unsigned producers, int64_t now, const void *buf,
			    unsigned n, unsigned words, bool pointers)
{
	now -= atomic_load_explicit(&s->start, memory_order_relaxed);
	for (unsigned i = 0; i < n; i++) {
		const uint64_t *e = (const uint64_t *)buf + i * words;
		if (pointers)
			e = (const uint64_t *)(uintptr_t)((const uint64_t *)buf)[i];
		uint64_t turn = (*e & (((uint64_t)1 << 48) - 1)) * producers + (*e >> 48);
		ages_add(a, now - (int64_t)((double)turn * s->gap));
	}
}
#endif
