package balancesim

import (
	"testing"
	"time"

	"github.com/pushcore/pushcore/balance"
	"github.com/stretchr/testify/require"
)

func TestTry(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  Config
		want float64
	}{
		{"mm1", Config{Policy: powerOf(1, 7), Workers: 1, Load: .8}, MG1(.8, 1)},
		{"d1", Config{Policy: powerOf(1, 7), Workers: 100, Load: .9, Items: 4e6}, Supermarket(1, .9)},
		{"d2", Config{Policy: powerOf(2, 7), Workers: 500, Load: .9, Items: 4e6}, Supermarket(2, .9)},
		{"d2 10", Config{Policy: powerOf(2, 7), Workers: 10, Load: .9, Items: 4e6}, Supermarket(2, .9) + .9/.2/10},
		{"d2 100", Config{Policy: powerOf(2, 7), Workers: 100, Load: .9, Items: 4e6}, Supermarket(2, .9) + .9/.2/100},
		{"d3", Config{Policy: powerOf(3, 7), Workers: 500, Load: .95, Items: 4e6}, Supermarket(3, .95)},
		{"jbsq", Config{Policy: balance.BoundedDepth(1, balance.LeastLoaded()), Workers: 8, Load: .9}, MMc(8, .9)},
		{"ll", Config{Policy: balance.LeastLoaded(), Workers: 8, Load: .9}, MMc(8, .9)},
		{"rr", Config{Policy: balance.RoundRobin(), Workers: 8, Load: .9}, RoundRobin(8, .9)},
		{"md1", Config{Policy: powerOf(1, 7), Workers: 4, Load: .8, Service: Deterministic(1)}, MG1(.8, 0)},
		{"hash", Config{Policy: balance.KeyHash(), Workers: 8, Load: .4, Keys: ZipfKeys(1.1, 10000)}, 0},
	} {
		b := time.Now()
		r, err := Run(c.cfg)
		require.NoError(t, err)
		items := c.cfg.Items
		if items == 0 {
			items = DefaultItems
		}
		t.Logf("%s: %v want %.4f; p50 %.3g p99 %.3g p999 %.3g refused %v imb %.3f hottest %.3f maxq %d held %d reord %d; %.0f ns/item", c.name, r.Sojourn, c.want, r.P50, r.P99, r.P999, r.Refused, r.Imbalance, r.Hottest, r.MaxQueue, r.MaxHeld, r.Reordered,
			float64(time.Since(b))/float64(items)/1.2)
	}
}
