/*
 * ConcurrencyKit's ring, through the interface that it makes for elements of one type. It knows no batches: asked for
 * them, it moves one element after the other.
 */
#define _GNU_SOURCE
#include "harness.h"

#include <ck_ring.h>

/* The ring and, beginning on a line of its own, its slots. */
struct ring {
	ck_ring_t ring;
	alignas(64) char slots[];
};

const char *library_start(void) { return NULL; }

void *queue_new(const struct shape *s)
{
	size_t bytes = sizeof(struct ring) + CAPACITY * (s->pointers ? sizeof(void *) : s->size);
	struct ring *r = aligned_alloc(alignof(struct ring), bytes);
	if (r) {
		memset(r, 0, bytes);
		ck_ring_init(&r->ring, CAPACITY);
	}
	return r;
}

void queue_free(void *queue) { free(queue); }

#define RING(kind, upper, bytes)                                                                          \
	ALWAYS_INLINE unsigned push_##kind##_##bytes(void *queue, const void *src, unsigned n)            \
	{                                                                                                 \
		struct ring *r = queue;                                                                   \
		struct element_##bytes *e = (struct element_##bytes *)src;                                \
		unsigned i = 0;                                                                           \
		while (i < n && CK_RING_ENQUEUE_##upper(e##bytes, &r->ring, (void *)r->slots, &e[i]))     \
			i++;                                                                              \
		return i;                                                                                 \
	}                                                                                                 \
	ALWAYS_INLINE unsigned pop_##kind##_##bytes(void *queue, void *dst, unsigned n)                   \
	{                                                                                                 \
		struct ring *r = queue;                                                                   \
		struct element_##bytes *e = dst;                                                          \
		unsigned i = 0;                                                                           \
		while (i < n && CK_RING_DEQUEUE_##upper(e##bytes, &r->ring, (void *)r->slots, &e[i]))     \
			i++;                                                                              \
		return i;                                                                                 \
	}

#define SIZE(bytes)                                  \
	struct element_##bytes {                     \
		uint64_t words[(bytes) / 8];         \
	};                                           \
	CK_RING_PROTOTYPE(e##bytes, element_##bytes) \
	RING(spsc, SPSC, bytes)                      \
	RING(mpsc, MPSC, bytes)
SIZE(8)
SIZE(16)
SIZE(64)

#define KIND(kind)                                                              \
	INSTANCE(kind##_8, push_##kind##_8, pop_##kind##_8, 1, false)           \
	INSTANCE(kind##_16, push_##kind##_16, pop_##kind##_16, 2, false)        \
	INSTANCE(kind##_64, push_##kind##_64, pop_##kind##_64, 8, false)        \
	INSTANCE(kind##_p8, push_##kind##_8, pop_##kind##_8, 1, true)           \
	INSTANCE(kind##_p16, push_##kind##_8, pop_##kind##_8, 2, true)          \
	INSTANCE(kind##_p64, push_##kind##_8, pop_##kind##_8, 8, true)
KIND(spsc)
INSTANCE_BARE(spsc_8, push_spsc_8, pop_spsc_8)
KIND(mpsc)

#define ENTRIES(queue, kind)                                                                             \
	ENTRY(queue, 8, 0, kind##_8), ENTRY(queue, 16, 0, kind##_16), ENTRY(queue, 64, 0, kind##_64),        \
		ENTRY(queue, 8, 1, kind##_p8), ENTRY(queue, 16, 1, kind##_p16), ENTRY(queue, 64, 1, kind##_p64)
const struct instance instances[] = {
	ENTRIES("spsc", spsc),
	ENTRY_BARE("spsc-bare", spsc_8),
	ENTRIES("mpsc", mpsc),
	{0},
};
