package upkeep_test

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/strategy"
)

// one is an API in memory: a record of each account, which never changes.
type one struct{ account int }

func (o one) Pages(_ context.Context, req remote.Request) iter.Seq2[*remote.Page, error] {
	return func(yield func(*remote.Page, error) bool) {
		page := &remote.Page{Number: 1, SyncedAt: time.Now()}
		if req.UpdatedSince.IsZero() {
			page.Objects = []remote.Object{remote.UncheckedObject(fmt.Appendf(nil, `{"id":%d,"name":"of an account"}`, o.account))}
		}
		yield(page, nil)
	}
}

// BenchmarkGrowth runs many scopes of which nothing is new, 4 at once, and logs what
// synced's own tables take meanwhile. An operation is a run. SYNCED_SCOPES is how many
// scopes, 1000 by default.
func BenchmarkGrowth(b *testing.B) {
	scopes := 1000
	if n, err := strconv.Atoi(os.Getenv("SYNCED_SCOPES")); err == nil {
		scopes = n
	}
	for _, kind := range []string{"sqlite", "postgres"} {
		b.Run(kind, func(b *testing.B) {
			on := harness.Setup(b, kind)
			d := harness.Incremental(strategy.UpdatedSince{})
			d.Outbox, d.Log = true, slog.New(slog.DiscardHandler)
			d.APIFor = func(_ context.Context, scope synced.Scope) (remote.API, error) {
				return one{int(scope.Value().(int64))}, nil
			}
			m := harness.Model(b, on, d)
			all := func() {
				var wg sync.WaitGroup
				for worker := range 4 {
					wg.Go(func() {
						for account := worker; account < scopes; account += 4 {
							if _, err := m.Synchronize(context.Background(), synced.In(account)); err != nil {
								b.Error(err)
							}
						}
					})
				}
				wg.Wait()
			}
			all()
			rounds := 0
			began := time.Now()
			for b.Loop() {
				all()
				if rounds++; slices.Contains([]int{1, 10, 20, 100, 300, 999}, rounds) {
					b.Logf("%d scopes, %d runs each: %s", scopes, rounds+1, sizes(b, on))
				}
			}
			b.ReportMetric(float64(rounds*scopes)/time.Since(began).Seconds(), "runs/s")
			done, err := synced.CleanUp(context.Background(), on.DB, 1)
			require.NoError(b, err)
			b.Logf("cleaned up %v: %s", done, sizes(b, on))
		})
	}
}

// sizes are the rows and bytes of the tables that have rows.
func sizes(b *testing.B, on *harness.Bundle) string {
	var found []string
	names := []string{"synced_times", "synced_runs", "synced_locks", "synced_changes"}
	for _, name := range names {
		bytes := "'-'"
		if on.Pool != nil {
			bytes = "CAST(pg_total_relation_size('" + name + "') / 1024 AS text)"
		}
		found = append(found, on.Column(b, "SELECT '"+name+" ' || CAST(count(*) AS text) || ' rows ' || "+bytes+" || ' KiB' FROM "+name)[0])
	}
	if on.Pool == nil {
		found = append(found, on.Column(b, "SELECT CAST(page_count * page_size / 1024 AS text) || ' KiB in all' FROM pragma_page_count(), pragma_page_size()")[0])
	}
	return strings.Join(found, ", ")
}
