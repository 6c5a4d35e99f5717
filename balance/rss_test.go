package balance_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/balance/balancetest"
	"github.com/pushcore/pushcore/balance/key"
	"github.com/stretchr/testify/require"
)

// indirection makes a table.
func indirection(size int) *balance.Indirection {
	table, err := balance.NewIndirection(size)
	if err != nil {
		panic(err)
	}
	return table
}

// buckets is which worker each bucket's next item goes to, as a producer sees it who has sent nothing.
func buckets(t *testing.T, table *balance.Indirection, v *balance.View) []int {
	return homes(make1(t, balance.RSS(table), v), v, table.Size())
}

func TestRSSRefusesNonsense(t *testing.T) {
	for _, size := range []int{-8, 0, 3, 100, 127, 1 << 17} {
		_, err := balance.NewIndirection(size)
		require.ErrorContains(t, err, "want a power of two from 1 to 65536", size)
	}
	_, err := balance.NewIndirection(100)
	require.ErrorContains(t, err, "of 100 buckets")
	v := balance.NewView(2)
	for _, table := range []*balance.Indirection{nil, {}} {
		_, err := balance.RSS(table)(v)
		require.ErrorContains(t, err, "want one from NewIndirection")
	}
	_, err = balance.RSS(indirection(4))(balance.NewView(65537))
	require.ErrorContains(t, err, "65537 workers are too many")

	table := indirection(8)
	for _, bucket := range []int{-1, 8} {
		require.ErrorContains(t, table.Assign(bucket, 0), "in an indirection table of 8")
		require.Panics(t, func() { table.Assigned(bucket) })
		require.Panics(t, func() { table.Picks(bucket) })
	}
	require.ErrorContains(t, table.Assign(0, -2), "worker -2")
	require.ErrorContains(t, table.Assign(0, 65536), "worker 65536")
	require.Equal(t, balance.Full, table.Assigned(0))
}

// A card's queue is the low bits of the Toeplitz hash: the first of Microsoft's vectors.
func TestRSSIsWhatACardDoes(t *testing.T) {
	table, v := indirection(128), balance.NewView(16)
	for i := range 128 {
		require.NoError(t, table.Assign(i, i*7%16))
	}
	require.NoError(t, table.Assign(0x78, 13))
	require.Equal(t, 0x78, table.Bucket(0x51ccc178))
	b := make1(t, balance.RSS(table), v)
	require.Equal(t, 13, b.Pick(0x51ccc178, v))
	require.Equal(t, 13, b.Pick(0xffffffff_00000078, v), "low bits only")
	require.Equal(t, 0x79*7%16, b.Pick(0x79, v))
}

func TestRSSConformance(t *testing.T) {
	table := indirection(64)
	for i := range 32 {
		require.NoError(t, table.Assign(i, i*3)) // also to workers that small groups do not have
	}
	balancetest.Run(t, balance.RSS(table))
	balancetest.RunWith(t, balance.RSS(indirection(1)), balancetest.Options{MayPack: true})
}

// Buckets are dealt out in turn; those of a closed worker are spread, and come back; no other moves.
func TestRSSDefaults(t *testing.T) {
	const n = 6
	table, v := indirection(1024), balance.NewView(n)
	before := buckets(t, table, v)
	for i, w := range before {
		require.Equal(t, i%n, w)
	}
	b := make1(t, balance.RSS(table), v)
	v.SetOpen(2, false)
	require.NoError(t, b.Update(v))
	after := homes(b, v, 1024)
	require.Equal(t, buckets(t, table, v), after, "no history")
	all, his := moved(before, after, 2)
	require.Equal(t, his, all)
	heirs := make([]int, n)
	for i, w := range before {
		if w == 2 {
			heirs[after[i]]++
		}
	}
	require.Zero(t, heirs[2])
	requireEven(t, slices.Delete(heirs, 2, 3), "heirs")

	v.SetOpen(4, false)
	require.NoError(t, b.Update(v))
	all, his = moved(after, homes(b, v, 1024), 4)
	require.Equal(t, his, all)

	v.SetOpen(2, true)
	v.SetOpen(4, true)
	require.NoError(t, b.Update(v))
	require.Equal(t, before, homes(b, v, 1024))

	require.NoError(t, table.Assign(7, 5))
	require.NoError(t, table.Assign(8, 99))
	require.Equal(t, 5, b.Pick(7, v))
	require.True(t, v.IsOpen(b.Pick(8, v)), "a worker that there is not")
	require.NoError(t, table.Assign(7, balance.Full))
	require.Equal(t, 1, b.Pick(7, v), "undone")
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 0}, homes(b, v, 7), "others were not concerned")
}

// A bucket goes over when all that was sent of it has been taken, and not before.
func TestRSSMovesIdleBuckets(t *testing.T) {
	table, v := indirection(4), balance.NewView(2)
	b := make1(t, balance.RSS(table), v)
	require.True(t, balance.IsSticky(b))
	require.Equal(t, 0, send(b, 0, v))
	require.Equal(t, 0, send(b, 0, v))
	require.Equal(t, 0, send(b, 2, v))
	require.NoError(t, table.Assign(0, 1))
	require.Equal(t, 0, send(b, 0, v), "in flight: 4 sent, this is the last")
	v.Taken[0] = 3
	require.Equal(t, 0, b.Pick(0, v), "one is")
	v.Taken[0] = 4
	require.Equal(t, 1, send(b, 0, v), "the pick before was not sent: nothing will take it")
	require.Equal(t, 0, send(b, 2, v), "another bucket of the old worker")

	v.SetOpen(1, false)
	require.NoError(t, b.Update(v))
	require.Equal(t, balance.Full, b.Pick(0, v), "not taken by a worker that is closed")
	require.Equal(t, 0, b.Pick(4+1, v), "nothing was sent of this one")
	v.Taken[1] = 1
	require.Equal(t, 0, b.Pick(0, v))
}

// A bucket that is never idle is held back in the end, until its items have been taken. Other buckets are not.
func TestRSSHoldsBusyBucketsBack(t *testing.T) {
	table, v := indirection(2), balance.NewView(2)
	b := make1(t, balance.RSS(table), v)
	for range 100_000 { // as long as nothing is to move, never
		if send(b, 0, v) != 0 {
			t.Fatal("held back for nothing")
		}
		v.Taken[0] = v.Sent[0] - 1
	}
	require.NoError(t, table.Assign(0, 1))
	sent := 0
	for send(b, 0, v) == 0 {
		sent++
		v.Taken[0] = v.Sent[0] - 1 // always one on its way
		require.LessOrEqual(t, sent, 1024)
	}
	require.Equal(t, 1024, sent)
	require.Equal(t, balance.Full, b.Pick(0, v))
	require.Equal(t, 1, b.Pick(1, v))
	v.Taken[0]++
	require.Equal(t, 1, send(b, 0, v))

	require.NoError(t, table.Assign(0, 0))
	require.Equal(t, 1, send(b, 0, v), "patience is new with each move")
}

// Any assignments at any time, in any history: no bucket leaves a worker that has items of it.
func TestRSSKeepsOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(61, 62))
	moves := 0
	for range 30 {
		n, size := 1+rng.IntN(9), 1<<rng.IntN(5)
		table, v := indirection(size), balance.NewView(n)
		b := make1(t, balance.RSS(table), v)
		type trail struct {
			worker int
			mark   uint64
		}
		trails := map[uint64]trail{}
		for range 3000 {
			switch rng.IntN(20) {
			case 0:
				require.NoError(t, table.Assign(rng.IntN(size), rng.IntN(n+2)-1))
			case 1:
				v.SetOpen(rng.IntN(n), rng.IntN(4) > 0)
				_ = b.Update(v) // perhaps nobody is open
			case 2, 3, 4:
				w := rng.IntN(n)
				v.Taken[w] += rng.Uint64N(v.Sent[w] - v.Taken[w] + 1)
			}
			k := rng.Uint64N(64)
			got, last := b.Pick(k, v), trails[k&uint64(size-1)]
			if got == balance.Full {
				continue
			}
			require.True(t, v.IsOpen(got))
			if got != last.worker && last.mark > 0 {
				require.GreaterOrEqual(t, v.Taken[last.worker], last.mark, "left before all was taken")
				moves++
			}
			if rng.IntN(10) > 0 { // else the lane was full
				v.Sent[got]++
				last = trail{got, v.Sent[got]}
			} else if got != last.worker {
				last = trail{got, 0}
			}
			trails[k&uint64(size-1)] = last
		}
	}
	require.Greater(t, moves, 500, "there were moves")
}

// Every pick is counted, but for the last few of each producer.
func TestRSSCounts(t *testing.T) {
	table, v := indirection(4), balance.NewView(2)
	a, b := make1(t, balance.RSS(table), v), make1(t, balance.RSS(table), v)
	for k := range uint64(8000) {
		a.Pick(k, v)
		b.Pick(3, v)
	}
	for i, want := range []int{2000, 2000, 2000, 10000} {
		require.InDelta(t, want, table.Picks(i), 2*64, "bucket %d", i)
	}
}

// A sender that asks over and over while its bucket is held back does not make the bucket look busy.
func TestRSSDoesNotCountRefusals(t *testing.T) {
	table, v := indirection(2), balance.NewView(2)
	b := make1(t, balance.RSS(table), v)
	require.Equal(t, 0, b.Pick(0, v))
	v.Sent[0]++
	v.SetOpen(0, false)
	require.NoError(t, b.Update(v))
	for range 1000 {
		require.Equal(t, balance.Full, b.Pick(0, v))
	}
	require.Zero(t, table.Picks(0))
	v.Taken[0]++
	for range 64 {
		require.Equal(t, 1, b.Pick(0, v))
	}
	require.EqualValues(t, 64, table.Picks(0))

	v.SetOpen(1, false) // nobody is left
	require.Error(t, b.Update(v))
	v.Sent[1], v.Taken[1] = 65, 65
	for range 1000 {
		require.Equal(t, balance.Full, b.Pick(0, v))
	}
	require.EqualValues(t, 64, table.Picks(0))
}

// Producers pick while others assign: -race finds what is shared by mistake.
func TestRSSIsSharedSafely(t *testing.T) {
	table := indirection(16)
	policy := balance.RSS(table)
	r, err := balance.NewRebalancer(table, balance.RebalancerConfig{})
	require.NoError(t, err)
	var wg sync.WaitGroup
	for p := range 3 {
		wg.Go(func() {
			v := balance.NewView(4)
			b, err := policy(v)
			if err != nil {
				t.Error(err)
				return
			}
			rng := rand.New(rand.NewPCG(uint64(p), 63))
			for range 20_000 {
				w := b.Pick(rng.Uint64N(64), v)
				if !v.IsOpen(w) {
					t.Errorf("picked %d", w)
					return
				}
				v.Sent[w]++
				v.Taken[w] = v.Sent[w]
			}
		})
	}
	wg.Go(func() {
		v := balance.NewView(4)
		for range 200 {
			plan, err := r.Plan(v)
			if err != nil || r.Apply(plan) != nil {
				t.Error("plan refused")
			}
		}
	})
	wg.Wait()
}

// Where the low bits chose the node already, all keys of a node share them. Mix gives the table fresh ones.
func TestRSSAtTheSecondLevel(t *testing.T) {
	const nodes, workers, flows = 16, 8, 64_000
	h, err := key.NewToeplitz(key.MicrosoftKey)
	require.NoError(t, err)
	v := balance.NewView(workers)
	b := make1(t, balance.RSS(indirection(128)), v)
	rng := rand.New(rand.NewPCG(65, 66))
	var raw, mixed [workers]int
	for range flows {
		var tuple [12]byte
		for i := range tuple {
			tuple[i] = byte(rng.Uint32())
		}
		hash := uint64(h.Hash(tuple[:]))
		if hash%nodes != 5 {
			continue // another node's
		}
		raw[b.Pick(hash, v)]++
		mixed[b.Pick(balance.Mix(hash), v)]++
	}
	used := 0
	for _, n := range raw {
		if n > 0 {
			used++
		}
	}
	require.Equal(t, 1, used, "polarised: %v", raw)
	requireEven(t, mixed[:], "mixed")
}
