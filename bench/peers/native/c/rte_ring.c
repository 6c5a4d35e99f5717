/*
 * DPDK's ring: rte_ring with elements of any size, one consumer, and one producer (SP) or several: MP, or what DPDK
 * made for threads that share cpus, MP_HTS (head and tail move together) and MP_RTS (the last one out moves the tail).
 */
#define _GNU_SOURCE
#include "harness.h"

#include <stdio.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ring.h>
#include <rte_ring_elem.h>

/* Starts DPDK's environment without huge pages, devices, files, or threads of its own on other cpus. */
const char *library_start(void)
{
	static char reason[128], lcore[32];
	cpu_set_t set;
	int cpu = 0;
	sched_getaffinity(0, sizeof set, &set);
	while (cpu < CPU_SETSIZE - 1 && !CPU_ISSET(cpu, &set))
		cpu++;
	snprintf(lcore, sizeof lcore, "0@%d", cpu); /* it pins the calling thread, which will only wait */
	char *args[] = {"rte_ring", "--no-huge", "--no-pci", "--no-telemetry", "--no-shconf", "--lcores", lcore,
			"--log-level=error", NULL};
	if (rte_eal_init(sizeof args / sizeof *args - 1, args) >= 0)
		return NULL;
	snprintf(reason, sizeof reason, "DPDK's environment did not start: %s", rte_strerror(rte_errno));
	return reason;
}

void *queue_new(const struct shape *s)
{
	unsigned flags = RING_F_SC_DEQ;
	if (!strcmp(s->queue, "spsc") || !strcmp(s->queue, "spsc-bare"))
		flags |= RING_F_SP_ENQ;
	else if (!strcmp(s->queue, "mpsc-hts"))
		flags |= RING_F_MP_HTS_ENQ;
	else if (!strcmp(s->queue, "mpsc-rts"))
		flags |= RING_F_MP_RTS_ENQ;
	return rte_ring_create_elem("ring", s->pointers ? sizeof(void *) : s->size, CAPACITY, SOCKET_ID_ANY, flags);
}

void queue_free(void *queue) { rte_ring_free(queue); }

/* The calls that say how the ring is shared, so that none looks that up. A burst of 1 is rte's single call, inlined. */
#define RING(mode, bytes)                                                                  \
	ALWAYS_INLINE unsigned push_##mode##_##bytes(void *queue, const void *src, unsigned n) \
	{                                                                                  \
		return rte_ring_##mode##_enqueue_burst_elem(queue, src, bytes, n, NULL);   \
	}
#define POP(bytes)                                                             \
	ALWAYS_INLINE unsigned pop_##bytes(void *queue, void *dst, unsigned n) \
	{                                                                      \
		return rte_ring_sc_dequeue_burst_elem(queue, dst, bytes, n, NULL); \
	}
POP(8)
POP(16)
POP(64)

#define MODE(mode)                                                     \
	RING(mode, 8)                                                  \
	RING(mode, 16)                                                 \
	RING(mode, 64)                                                 \
	INSTANCE(mode##_8, push_##mode##_8, pop_8, 1, false)           \
	INSTANCE(mode##_16, push_##mode##_16, pop_16, 2, false)        \
	INSTANCE(mode##_64, push_##mode##_64, pop_64, 8, false)        \
	INSTANCE(mode##_p8, push_##mode##_8, pop_8, 1, true)           \
	INSTANCE(mode##_p16, push_##mode##_8, pop_8, 2, true)          \
	INSTANCE(mode##_p64, push_##mode##_8, pop_8, 8, true)
MODE(sp)
INSTANCE_BARE(sp_8, push_sp_8, pop_8)
MODE(mp)
MODE(mp_hts)
MODE(mp_rts)

#define ENTRIES(queue, mode)                                                                             \
	ENTRY(queue, 8, 0, mode##_8), ENTRY(queue, 16, 0, mode##_16), ENTRY(queue, 64, 0, mode##_64),        \
		ENTRY(queue, 8, 1, mode##_p8), ENTRY(queue, 16, 1, mode##_p16), ENTRY(queue, 64, 1, mode##_p64)
const struct instance instances[] = {
	ENTRIES("spsc", sp),
	ENTRY_BARE("spsc-bare", sp_8),
	ENTRIES("mpsc", mp),
	ENTRIES("mpsc-hts", mp_hts),
	ENTRIES("mpsc-rts", mp_rts),
	{0},
};
