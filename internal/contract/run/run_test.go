package run_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
	"github.com/syncedgo/synced/strategy"
	"github.com/syncedgo/synced/timestamp"
)

func TestContract_C09_WhichAPIIsAsked(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Put("the declaration's")
		b.Server.Account("token-2").Collection("rentals").Put(remotetest.Record{"id": 1, "name": "the scope's"})
		b.Server.Account("token-3").Collection("rentals").Put(remotetest.Record{"id": 1, "name": "the call's"})
		d := harness.Rentals()
		d.API = b.API
		d.APIFor = func(_ context.Context, scope synced.Scope) (remote.API, error) {
			switch scope.Value() {
			case int64(2), int64(3):
				return harness.Client(t, b.Server, "token-2"), nil
			case int64(4):
				return nil, errors.New("no credentials for account 4")
			}
			return nil, nil
		}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		harness.Sync(t, rentals, synced.In(2))
		harness.Sync(t, rentals, synced.In(3), synced.Call{API: harness.Client(t, b.Server, "token-3")})
		require.Equal(t, []string{"the declaration's"}, harness.Names(t, rentals, synced.In(1)))
		require.Equal(t, []string{"the scope's"}, harness.Names(t, rentals, synced.In(2)))
		require.Equal(t, []string{"the call's"}, harness.Names(t, rentals, synced.In(3)))

		_, err := rentals.Synchronize(ctx, synced.In(4))
		require.EqualError(t, err, "synced: rentals (account_id 4): APIFor: no credentials for account 4")
		d.API = nil
		_, err = harness.Bind(t, b, d).Synchronize(ctx, synced.In(9))
		require.ErrorIs(t, err, synced.ErrNoAPI)
		require.EqualError(t, err, "synced: rentals (account_id 9): no API to ask: give one in the declaration (API or APIFor) or in the call")
	})
}

func TestContract_C10_ParametersOfTheRequest(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one")
		last := func() url.Values { return b.Server.Log()[len(b.Server.Log())-1].Query }
		all := []string{"id", "name", "surface", "price", "bedrooms_count"}
		d := harness.Rentals()
		d.Ask = synced.Ask{Query: url.Values{"status": {"open"}}, Fields: all, Include: []string{"photos"}}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, url.Values{"status": {"open"}, "fields": {"id,name,surface,price,bedrooms_count"}, "include": {"photos"}}, last())

		harness.Sync(t, rentals, synced.In(1), synced.Call{Ask: synced.Ask{Query: url.Values{"from": {"2026"}}, Fields: append(all, "more"), Include: []string{"rates"}}})
		require.Equal(t, url.Values{"from": {"2026"}, "fields": {"id,name,surface,price,bedrooms_count,more"}, "include": {"rates"}}, last())
		harness.Sync(t, rentals, synced.In(1), synced.Call{Ask: synced.Ask{Query: url.Values{}, Fields: []string{}, Include: []string{}}})
		require.Empty(t, last())

		d = harness.Rentals()
		d.Ask.Fields = all // what AskFor leaves out
		d.AskFor = func(s synced.Scope) synced.Ask {
			return synced.Ask{Query: url.Values{"account": {s.String()}}, Include: []string{"photos", "rates"}}
		}
		rentals = harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(7))
		require.Equal(t, url.Values{"account": {"7"}, "fields": {"id,name,surface,price,bedrooms_count"}, "include": {"photos,rates"}}, last())
	})
}

func TestContract_C40_TimePerScope(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one")
		rentals := harness.Model(t, b, harness.Incremental(strategy.UpdatedSince{Tolerance: -1}))
		harness.Sync(t, rentals, synced.In(1))
		harness.Sync(t, rentals, synced.In(1))
		harness.Sync(t, rentals, synced.In(2))
		whole := harness.Model(t, b, synced.Synced[harness.Unscoped]{Table: "units", Endpoint: "rentals"})
		harness.Sync(t, whole, synced.NoScope)
		require.Equal(t, []string{"rentals/account_id/1", "rentals/account_id/1", "rentals/account_id/2", "units//"},
			b.Column(t, "SELECT model || '/' || scope_type || '/' || scope_id FROM synced_times ORDER BY 1"))
		require.Equal(t, remotetest.Start.Add(time.Second), harness.Sync(t, rentals, synced.In(1)).Since, "the newest counts")
		require.Equal(t, remotetest.Start.Add(3*time.Second-strategy.DefaultTolerance), harness.Sync(t, whole, synced.NoScope).Since)
	})
}

func TestContract_C41_TimePerRecord(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three", "four")
		d := harness.Incremental(strategy.UpdatedSince{Tolerance: -1})
		d.Timestamps = timestamp.PerRecord{}
		rentals := harness.Model(t, b, d)
		require.Zero(t, harness.Sync(t, rentals, synced.In(1)).Since)
		harness.Sync(t, rentals, synced.In(2))
		require.Empty(t, b.Column(t, "SELECT source FROM synced_times"))
		second := harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, remotetest.Start, second.Since)
		require.Equal(t, harness.Counts{Unchanged: 4}, harness.CountsOf(second), "a stamp is no edit")
		require.Equal(t, second.StoredTime, harness.Sync(t, rentals, synced.In(1)).Since)

		// The oldest counts, and a row that was never stamped makes a run complete.
		b.Execute(t, "INSERT INTO rentals (account_id, synced_id, name) VALUES (1, 50, 'unstamped')")
		require.Zero(t, harness.Sync(t, rentals, synced.In(1)).Since)
		require.NoError(t, rentals.Reset(context.Background(), synced.In(1)))
		require.Zero(t, harness.Sync(t, rentals, synced.In(1)).Since)
		require.NotZero(t, harness.Sync(t, rentals, synced.In(2)).Since)

		d.Timestamps = timestamp.PerRecord{Column: "seen_at"}
		_, err := synced.New(context.Background(), b.DB, d)
		require.ErrorContains(t, err, `the table has no column "seen_at"`)
	})
}

func TestContract_C42_CleanupKeepsTheNewest(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Put("one")
		rentals := harness.Model(t, b, harness.Incremental(strategy.UpdatedSince{Tolerance: -1}))
		for range 3 {
			harness.Sync(t, rentals, synced.In(1))
		}
		harness.Sync(t, rentals, synced.In(2))
		dropped, err := timestamp.Cleanup(ctx, b.DB, 0)
		require.NoError(t, err)
		require.Zero(t, dropped, "all are younger than a week")
		b.Execute(t, "UPDATE synced_times SET recorded_at = ?", time.Now().Add(-8*24*time.Hour))
		dropped, err = timestamp.Cleanup(ctx, b.DB, 0)
		require.NoError(t, err)
		require.EqualValues(t, 2, dropped)
		require.Equal(t, remotetest.Start.Add(2*time.Second), harness.Sync(t, rentals, synced.In(1)).Since)
		require.Equal(t, remotetest.Start.Add(3*time.Second), harness.Sync(t, rentals, synced.In(2)).Since)
	})
}

func TestContract_C43_TheTimeIsWrittenWithTheLastRowsAndTheRemovals(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three", "four", "five")
		b.Server.Advance(time.Hour)
		d := harness.Rentals()
		d.Strategy, d.Remove = strategy.UpdatedSince{Tolerance: -1}, synced.Destroy{}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		if b.Pool != nil {
			versions := b.Column(t, "SELECT xmin::text FROM rentals ORDER BY synced_id")
			stamp := b.Column(t, "SELECT xmin::text FROM synced_times")[0]
			require.NotEqual(t, stamp, versions[0], "the first page has a transaction of its own")
			require.Equal(t, []string{stamp, stamp}, versions[3:], "the last page has the time's")
		}
		// What makes the time fail undoes the last page and the removals.
		b.Server.Advance(time.Hour)
		b.Server.Collection("rentals").Update(1, remotetest.Record{"name": "ONE"})
		b.Server.Collection("rentals").Delete(2)
		b.Execute(t, "ALTER TABLE synced_times RENAME COLUMN source TO origin")
		result, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.ErrorContains(t, err, "synced: rentals (account_id 1): page 1: ")
		require.ErrorContains(t, err, "store the time: ")
		require.Equal(t, harness.Counts{}, harness.CountsOf(result))
		require.Equal(t, []string{"one", "two", "three", "four", "five"}, harness.Names(t, rentals, synced.In(1)))
	})
}

func TestContract_C64_AllPagesOrNothing(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Put("one", "two", "three", "four", "five", "six", "seven")
		d := harness.Rentals()
		d.Commit = synced.Atomic{}
		rentals := harness.Model(t, b, d)
		b.Server.Fault(remotetest.Fault{Page: 3, Status: 503})
		result, err := rentals.Synchronize(ctx, synced.In(1))
		require.ErrorIs(t, err, remote.ErrUnavailable)
		require.Equal(t, harness.Counts{}, harness.CountsOf(result))
		require.Empty(t, harness.Names(t, rentals, synced.In(1)))
		require.Equal(t, harness.Counts{Created: 7}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))

		// A record that can't be mapped, on the last page, undoes the first.
		b.Put("ONE")
		b.Server.Collection("rentals").Update(7, remotetest.Record{"name": 7})
		_, err = rentals.Synchronize(ctx, synced.In(1))
		require.EqualError(t, err, "synced: rentals (account_id 1): page 3: record 7: name: the number 7 does not fit field Name of type string; make Name an int64, a float64 or a json.Number, or set Invalid: synced.Quarantine{}")
		require.Equal(t, "one", harness.Names(t, rentals, synced.In(1))[0])
		// The call may choose.
		_, err = rentals.Synchronize(ctx, synced.In(1), synced.Call{Commit: synced.PerPage{}})
		require.Error(t, err)
		require.Equal(t, "ONE", harness.Names(t, rentals, synced.In(1))[0])
	})
}

func TestContract_C65_TheHandler(t *testing.T) {
	harness.OnAll(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		b.Execute(t, "CREATE TABLE log (entry text)")
		b.Put("one", "two", "three", "four")
		var fail error
		calls := 0
		d := harness.Rentals()
		d.Remove = synced.Destroy{}
		d.OnChange = func(ctx context.Context, tx store.Tx, changes []synced.Change[harness.Rental]) error {
			calls++
			for _, c := range changes {
				entry := c.Kind.String() + " " + c.ID
				if c.Old != nil {
					entry += " from " + c.Old.Name
				}
				if c.New != nil {
					require.NotZero(t, c.New.ID, "the local key is known")
					require.EqualValues(t, 1, c.New.AccountID)
					entry += " to " + c.New.Name
				}
				// In the driver's own transaction: it sees the page's rows.
				var err error
				if pg := postgres.Tx(tx); pg != nil {
					_, err = pg.Exec(ctx, "INSERT INTO log VALUES ($1)", entry)
				} else {
					_, err = sqlite.Tx(tx).ExecContext(ctx, "INSERT INTO log VALUES (?)", entry)
				}
				if err != nil {
					return err
				}
			}
			return fail
		}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, 2, calls, "once a page")
		entries := func() []string {
			list := b.Column(t, "SELECT entry FROM log")
			b.Execute(t, "DELETE FROM log")
			return list
		}
		require.Equal(t, []string{"created 1 to one", "created 2 to two", "created 3 to three", "created 4 to four"}, entries())

		b.Server.Collection("rentals").Update(1, remotetest.Record{"name": "ONE"})
		b.Server.Collection("rentals").Delete(3)
		harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, []string{"updated 1 from one to ONE", "removed 3 from three"}, entries())
		calls = 0
		harness.Sync(t, rentals, synced.In(1))
		require.Zero(t, calls, "nothing changed")

		// Its error undoes the page, with what it wrote itself.
		fail = errors.New("no room")
		b.Server.Collection("rentals").Update(1, remotetest.Record{"name": "won"})
		result, err := rentals.Synchronize(ctx, synced.In(1))
		require.ErrorIs(t, err, fail)
		require.EqualError(t, err, "synced: rentals (account_id 1): page 1: OnChange: no room")
		require.Equal(t, harness.Counts{}, harness.CountsOf(result))
		require.Equal(t, "ONE", harness.Names(t, rentals, synced.In(1))[0])
		require.Empty(t, entries())
	})
}

func TestContract_C66_TheResult(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two", "three", "four")
		rentals := harness.Model(t, b, harness.Rentals())
		result := harness.Sync(t, rentals, synced.In(1))
		require.Equal(t, 2, result.Pages)
		require.Equal(t, 2, result.Requests)
		require.Greater(t, result.Bytes, int64(200))
		require.Positive(t, result.Duration)
		require.Regexp(t, `^4 created, 0 updated, 0 unchanged, 0 removed, 0 restored \(2 requests, \d+ bytes, .*s\)$`, result.String())

		b.Server.Collection("rentals").Update(1, remotetest.Record{"name": "ONE"})
		b.Server.Collection("rentals").Update(4, remotetest.Record{"name": []int{4}})
		result, err := rentals.Synchronize(context.Background(), synced.In(1))
		require.Error(t, err)
		require.Equal(t, harness.Counts{Updated: 1, Unchanged: 2}, harness.CountsOf(result), "the first page was committed")
		require.Equal(t, 2, result.Requests)
		require.Positive(t, result.Duration)
	})
}

func TestContract_C73_ScopesSideBySide(t *testing.T) {
	harness.OnAll(t, func(t *testing.T, b *harness.Bundle) {
		d := harness.Incremental(strategy.UpdatedSince{Tolerance: -1})
		d.Remove = synced.Destroy{}
		d.APIFor = func(_ context.Context, scope synced.Scope) (remote.API, error) {
			return harness.Client(t, b.Server, "token-"+scope.String()), nil
		}
		rentals := harness.Model(t, b, d)
		for account := range 8 {
			for id := range 20 {
				b.Server.Account(fmt.Sprint("token-", account+1)).Collection("rentals").Put(remotetest.Record{"id": id + 1, "name": fmt.Sprint("of ", account+1)})
			}
		}
		var group sync.WaitGroup
		for account := range 8 {
			group.Go(func() {
				for range 3 {
					_, err := rentals.Synchronize(context.Background(), synced.In(account+1))
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		for account := range 8 {
			rows := harness.Names(t, rentals, synced.In(account+1))
			require.Len(t, rows, 20)
			for _, name := range rows {
				require.Equal(t, fmt.Sprint("of ", account+1), name)
			}
		}
	})
}
