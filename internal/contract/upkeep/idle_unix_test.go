//go:build unix

package upkeep_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/strategy"
)

// BenchmarkIdle runs 500 scopes of which nothing is new, with an API in memory and with one
// over HTTP in the same process. An operation is a run of each.
func BenchmarkIdle(b *testing.B) {
	const scopes = 500
	for _, kind := range []string{"sqlite", "postgres"} {
		for _, api := range []string{"memory", "http"} {
			on := harness.Setup(b, kind)
			sent := exchanges(b, on)
			on.Server = remotetest.New(remotetest.Config{Token: harness.Token})
			b.Cleanup(on.Server.Close)
			on.Put("one")
			client := harness.Client(b, on.Server, harness.Token)
			d := harness.Incremental(strategy.UpdatedSince{})
			d.Log = slog.New(slog.DiscardHandler)
			d.APIFor = func(_ context.Context, scope synced.Scope) (remote.API, error) {
				if api == "http" {
					return client, nil
				}
				return one{int(scope.Value().(int64))}, nil
			}
			m := harness.Model(b, on, d)
			for _, workers := range []int{1, 4, 8} {
				all := func() {
					var wg sync.WaitGroup
					for worker := range workers {
						wg.Go(func() {
							for account := worker; account < scopes; account += workers {
								if _, err := m.Synchronize(context.Background(), synced.In(account)); err != nil {
									b.Error(err)
								}
							}
						})
					}
					wg.Wait()
				}
				all()
				b.Run(fmt.Sprintf("%s/%s/%d_workers", kind, api, workers), func(b *testing.B) {
					commits, wal := load(b, on)
					var m runtime.MemStats
					runtime.ReadMemStats(&m)
					before, allocs, bytes := sent.Load(), m.Mallocs, m.TotalAlloc
					began, used, runs := time.Now(), cpu(b), 0.
					for b.Loop() {
						all()
						runs += scopes
					}
					b.ReportMetric(runs/time.Since(began).Seconds(), "runs/s")
					b.ReportMetric((cpu(b)-used).Seconds()*1e6/runs, "cpu-µs/run")
					runtime.ReadMemStats(&m)
					b.ReportMetric(float64(m.Mallocs-allocs)/runs, "allocs/run")
					b.ReportMetric(float64(m.TotalAlloc-bytes)/runs, "B/run")
					if on.Pool != nil {
						b.ReportMetric(float64(sent.Load()-before)/runs, "exchanges/run")
						moreCommits, moreWAL := load(b, on)
						b.ReportMetric((moreCommits-commits)/runs, "commits/run")
						b.ReportMetric((moreWAL-wal)/runs, "walB/run")
					}
				})
			}
		}
	}
}

// exchanges counts what is sent to PostgreSQL from now on, over the connection of the locks too.
func exchanges(b *testing.B, on *harness.Bundle) *atomic.Int64 {
	var sent atomic.Int64
	if on.Pool == nil {
		return &sent
	}
	config := on.Pool.Config()
	dial := config.ConnConfig.DialFunc
	config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		return counted{c, &sent}, err
	}
	pool, err := pgxpool.NewWithConfig(b.Context(), config)
	require.NoError(b, err)
	b.Cleanup(pool.Close)
	on.Pool, on.DB = pool, postgres.New(pool, postgres.Options{}).Backend()
	return &sent
}

type counted struct {
	net.Conn
	sent *atomic.Int64
}

func (c counted) Write(p []byte) (int, error) {
	c.sent.Add(1)
	return c.Conn.Write(p)
}

// cpu is how much of the processors this process has used: a figure that other processes
// change little.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// load is how much PostgreSQL has committed, and written to its log.
func load(b *testing.B, on *harness.Bundle) (commits, wal float64) {
	if on.Pool == nil {
		return 0, 0
	}
	for query, into := range map[string]*float64{
		"SELECT CAST(xact_commit AS text) FROM pg_stat_database WHERE datname = current_database()": &commits,
		"SELECT CAST(pg_current_wal_lsn() - '0/0'::pg_lsn AS text)":                                 &wal,
	} {
		n, err := strconv.ParseFloat(on.Column(b, query)[0], 64)
		require.NoError(b, err)
		*into = n
	}
	return commits, wal
}
