package main

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
)

func addresses(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("10.0.0.%d:80", i+1))
	}
	return names
}

// When an upstream goes, its keys are shared by the others, and few others move; when it comes
// back all is as before. The order of the list does not matter.
func TestMaglevMovesFewKeys(t *testing.T) {
	const n, keys, gone = 10, 100_000, 3
	names := addresses(n)
	v := balance.NewView(n)
	b, err := newPolicy("maglev", names)(v)
	require.NoError(t, err)
	before := make([]int, keys)
	for k := range keys {
		before[k] = b.Pick(uint64(k), v)
	}
	v.SetOpen(gone, false)
	require.NoError(t, b.Update(v))
	moved := 0
	for k := range keys {
		i := b.Pick(uint64(k), v)
		require.NotEqual(t, gone, i)
		if before[k] != gone && before[k] != i {
			moved++
		}
	}
	require.Less(t, moved, keys/25, "of the keys whose upstream stayed")
	v.SetOpen(gone, true)
	require.NoError(t, b.Update(v))
	for k := range keys {
		require.Equal(t, before[k], b.Pick(uint64(k), v))
	}

	turned := make([]string, n)
	for i := range names {
		turned[n-1-i] = names[i]
	}
	other, err := newPolicy("maglev", turned)(v)
	require.NoError(t, err)
	moved = 0
	for k := range keys {
		if turned[other.Pick(uint64(k), v)] != names[before[k]] {
			moved++
		}
	}
	require.Zero(t, moved, "only the order has changed")
}

func testRoster(list int, policy string, usable ...bool) *roster {
	names := addresses(len(usable))
	r := &roster{usable: usable, policy: newPolicy(policy, names), list: list}
	for _, name := range names {
		r.all = append(r.all, newUpstream(name, 2))
	}
	return r
}

// The connections of all workers count, and those that cannot be used do not.
func TestLeastConnectionsCountsAll(t *testing.T) {
	r := testRoster(1, "least-connections", true, true, false)
	r.all[0].open.add(0, 1)
	r.all[1].open.add(1, 3)
	var p picker
	p.update(r)
	require.Same(t, r.all[0], p.pick(0, nil))
	r.all[0].open.add(1, 5)
	require.Same(t, r.all[1], p.pick(0, nil))
	require.Same(t, r.all[0], p.pick(0, r.all[1:2]))
	require.Nil(t, p.pick(0, r.all))
	r.all[0].open.add(1, -5)
	require.EqualValues(t, 1, r.all[0].open.sum())
}

// A picker follows the rosters, through times when there is nobody to pick.
func TestPickerFollows(t *testing.T) {
	for _, policy := range balances {
		r := testRoster(1, policy, true, true, true)
		var p picker
		with := func(list int, usable ...bool) {
			p.update(&roster{all: r.all[:len(usable)], usable: usable, policy: r.policy, list: list})
		}
		with(1, true, true, true)
		require.NotNil(t, p.pick(1, nil), policy)
		with(1, false, false, true)
		for key := range uint64(20) {
			require.Same(t, r.all[2], p.pick(key, nil), policy)
		}
		with(1, false, false, false)
		require.Nil(t, p.pick(1, nil), policy)
		with(1, false, true, false)
		require.Same(t, r.all[1], p.pick(7, nil), policy)
		with(2, true, false)
		require.Same(t, r.all[0], p.pick(7, nil), policy)
	}
}

// A picker takes over another list, although it is as long as the one before.
func TestPickerTakesOverAnotherList(t *testing.T) {
	r := testRoster(1, "maglev", true, true, true)
	var p picker
	p.update(r)
	before := map[uint64]*upstream{}
	for key := range uint64(50) {
		before[key] = p.pick(key, nil)
	}
	names := []string{"a:1", "b:1", "c:1"}
	p.update(&roster{all: r.all, usable: r.usable, policy: newPolicy("maglev", names), list: 2})
	moved := 0
	for key := range uint64(50) {
		if p.pick(key, nil) != before[key] {
			moved++
		}
	}
	require.NotZero(t, moved)
}

// Round-robin goes on with the next one when health changes, and does not begin again.
func TestRoundRobinGoesOn(t *testing.T) {
	r := testRoster(1, "round-robin", true, true, true, true)
	var p picker
	p.update(r)
	require.Same(t, r.all[0], p.pick(0, nil))
	require.Same(t, r.all[1], p.pick(0, nil))
	p.update(&roster{all: r.all, usable: []bool{true, true, true, false}, policy: r.policy, list: 1})
	require.Same(t, r.all[2], p.pick(0, nil))
	require.Same(t, r.all[0], p.pick(0, nil))
}

func TestKeyOfASource(t *testing.T) {
	v4 := netip.MustParseAddr("192.0.2.1")
	require.Equal(t, keyOf(v4), keyOf(netip.AddrFrom16(v4.As16())), "however it is written")
	require.NotEqual(t, keyOf(v4), keyOf(v4.Next()))
	require.NotEqual(t, keyOf(netip.MustParseAddr("2001:db8::1")), keyOf(netip.MustParseAddr("2001:db8:0:1::")))
}
