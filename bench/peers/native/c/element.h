/* The elements: a number, and its complement in every further word; who makes them, and who looks at them. */
#ifndef ELEMENT_H
#define ELEMENT_H

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define CAPACITY 4096 /* slots of every queue, a power of two */
#define BATCH_MAX 256 /* elements that are pushed or popped at once */
#define DRAIN 64      /* the consumer takes at least so many at once, where there are so many */
#define PRODUCERS_MAX 4
#define WORDS_MAX 8 /* of an element: 64 bytes */

/* Objects that a producer's pointers point to, used in turn. More than the queue and both sides' hands hold, so that
 * none is written while somebody may still read it. */
#define OBJECTS (2 * CAPACITY)

_Static_assert(sizeof(void *) == sizeof(uint64_t), "pointers are elements of 8 bytes");

#define ALWAYS_INLINE static inline __attribute__((always_inline))

enum fault { FAULT_NONE, FAULT_DROP, FAULT_DOUBLE, FAULT_CHANGE };

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

/* The same two for words of which only the ends of a batch are made and looked at. */
ALWAYS_INLINE void make_ends(struct maker *m, uint64_t first, unsigned n)
{
	m->batch[0] = first;
	m->batch[n - 1] = first + n - 1;
}

ALWAYS_INLINE void check_ends(struct check *c, const uint64_t *buf, unsigned n)
{
	c->wrong += n == 0 || buf[0] != c->next[0] || buf[n - 1] != c->next[0] + n - 1;
	c->next[0] += n;
	c->seen += n;
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

#endif
