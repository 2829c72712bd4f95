package breaking_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/remote/remotetest"
)

// TestCrash stops PostgreSQL in the middle of runs, as a crash does, and starts
// it again: C22, C64, C72. The run ends with an error that says where, at once;
// the next one, on the same pool, ends with everything equal.
func TestCrash(t *testing.T) {
	t.Parallel()
	server := testdb.OwnServer(t)
	ctx := context.Background()
	r := seeded(t)
	for i, when := range []string{"first", "changes", "full", "first", "changes", "full"} {
		s := settings{Atomic: i/3 == 1, Full: when == "full"}
		t.Run(fmt.Sprintf("%s, %s", s, when), func(t *testing.T) { // one after the other: they share the server
			name := fmt.Sprintf("crash_%d", i)
			conn, err := pgx.Connect(ctx, server.URL())
			require.NoError(t, err)
			_, err = conn.Exec(ctx, "CREATE DATABASE "+name)
			require.NoError(t, err)
			require.NoError(t, conn.Close(ctx))
			address := strings.Replace(server.URL(), "@/postgres?", "@/"+name+"?", 1)

			v := newVictim(t, r, "postgres", address, s, when)
			m := v.model(t)
			at := int64(1)
			if when != "changes" { // which may have but one page
				at += r.Int64N(3)
			}
			var requests atomic.Int64
			v.srv.OnRequest(func(remotetest.Request) {
				if requests.Add(1) == at {
					server.Crash()
				}
			})
			limited, cancel := context.WithTimeout(ctx, time.Minute)
			defer cancel()
			_, err = m.Synchronize(limited, synced.In(1), synced.Call{API: client(t, v.srv, token)})
			require.NoError(t, limited.Err(), "the run hangs")
			require.ErrorContains(t, err, "synced: villas (account_id 1): ")
			t.Log(err)

			if r.IntN(2) == 0 {
				_, err = m.Synchronize(limited, synced.In(1), synced.Call{API: client(t, v.srv, token)})
				require.NoError(t, limited.Err(), "a run without a server hangs")
				require.ErrorContains(t, err, "synced: villas (account_id 1): ")
				t.Log(err)
			}
			v.srv.OnRequest(nil)
			server.Restart()
			v.check(t)
			v.finish(t, m)
		})
	}
}
