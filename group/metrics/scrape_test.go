package metrics_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/group/debug"
)

func TestConcurrentScrapes(t *testing.T) {
	r := pedantic(t, &moving{now: filled()}, fixed{Name: "other"})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			last := 0.0
			for range 20 {
				families, err := r.Gather()
				if err != nil {
					t.Error(err)
					return
				}
				for _, f := range families {
					if f.GetName() == "pushcore_group_accepted_total" {
						now := f.GetMetric()[1].GetCounter().GetValue()
						if now <= last {
							t.Errorf("a counter was %v, and is %v", last, now)
						}
						last = now
					}
				}
			}
		})
	}
	wg.Wait()
}

// scrape gets what Prometheus would get.
func scrape(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, "%s", body)
	return string(body)
}

// A real group, and an Exec beside it, before they start, at work, and after their end.
func TestRealGroup(t *testing.T) {
	const items = 1000
	g, err := group.New(group.Config[int]{
		Name: "real", Workers: 2,
		Worker: func(*exec.Local, int) (group.Handler[int], error) {
			return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int { return len(batch) }), nil
		},
	})
	require.NoError(t, err)
	x, err := exec.New(exec.Config{Name: "alone"})
	require.NoError(t, err)
	r := pedantic(t, g, debug.Execs("others", x))
	server := httptest.NewServer(promhttp.HandlerFor(r, promhttp.HandlerOpts{}))
	defer server.Close()

	scrape(t, server.URL)
	require.NoError(t, g.Start())
	require.NoError(t, x.Start())
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	for i := range items {
		require.NoError(t, g.Send(ctx, i))
	}
	require.Eventually(t, func() bool {
		return strings.Contains(scrape(t, server.URL), `pushcore_group_executed_total{group="real"} 1000`)
	}, 20*time.Second, 10*time.Millisecond)
	text := scrape(t, server.URL)
	require.Contains(t, text, `pushcore_group_accepted_total{group="real"} 1000`)
	require.Contains(t, text, `pushcore_exec_state{exec="alone",group="others",state="running",worker="0"} 1`)
	require.Contains(t, text, `pushcore_worker_open{exec="real/1",group="real",worker="1"} 1`)

	_, err = g.Shutdown(ctx)
	require.NoError(t, err)
	x.Stop()
	require.NoError(t, x.Wait())
	require.Contains(t, scrape(t, server.URL), `pushcore_group_executed_total{group="real"} 1000`)
	problems, err := testutil.GatherAndLint(r)
	require.NoError(t, err)
	require.Empty(t, problems)
}
