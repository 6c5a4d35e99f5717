package store

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is in a Dict during all of a scan is found, whatever else comes and goes.
func TestScanFindsAllThatStays(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 2))
		var d Dict[int]
		for i := range 200 {
			d.Add(fmt.Sprintf("stay%d", i), i)
			d.Add(fmt.Sprintf("go%d", i), i)
		}
		found := map[string]bool{}
		for from := End; from > 0; {
			from = d.Scan(from, 1+r.IntN(20), func(n *Node[int]) {
				found[n.Key] = true
				if n.Key[0] == 'g' && r.IntN(4) == 0 {
					d.Remove(n)
				}
			})
			for range r.IntN(10) {
				if n := d.Get(fmt.Appendf(nil, "go%d", r.IntN(200))); n != nil {
					d.Remove(n)
				}
				if key := fmt.Sprintf("new%d", r.IntN(1000)); d.Get([]byte(key)) == nil {
					d.Add(key, 0)
				}
			}
		}
		for i := range 200 {
			require.True(t, found[fmt.Sprintf("stay%d", i)], "seed %d: %d", seed, i)
		}
	}
}

// Keys expire in order, however their deadlines were changed.
func TestExpiryModel(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	db, model := New(), map[string]int64{}
	for range 5000 {
		key := fmt.Appendf(nil, "k%d", r.IntN(100))
		e := db.Get(key)
		switch op := r.IntN(5); {
		case op == 0 || e == nil:
			db.SetString(key, nil)
		case op == 1:
			_, had := model[string(key)]
			require.Equal(t, had, db.Persist(e))
			delete(model, string(key))
		case op == 2:
			db.Delete(e)
			delete(model, string(key))
		default:
			at := r.Int64N(1000)
			db.ExpireAt(e, at)
			model[string(key)] = at
		}
		require.Equal(t, len(model), db.Expiring())
		if now := r.Int64N(20); r.IntN(20) == 0 {
			for e := db.NextExpired(now); e != nil; e = db.NextExpired(now) {
				require.Less(t, model[e.Key], now)
				delete(model, e.Key)
				db.Delete(e)
			}
			for _, at := range model {
				require.GreaterOrEqual(t, at, now)
			}
		}
	}
	for key, at := range model {
		got, ok := db.Deadline(db.Get([]byte(key)))
		require.True(t, ok)
		require.Equal(t, at, got)
	}
}

// A lookup, and a SET of a key that is there, allocate nothing.
func TestNoAllocations(t *testing.T) {
	db, key, v := New(), []byte("key"), []byte("value")
	db.SetString(key, v)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		db.SetString(key, v)
		if db.Get(key) == nil {
			t.Fatal("it is gone")
		}
	}))
}
