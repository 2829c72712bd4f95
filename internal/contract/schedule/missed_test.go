package schedule_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/schedule"
	"github.com/syncedgo/synced/strategy"
)

// Records that went into quarantine are told also of a slice that ends before the list
// does, and of a run that fails later on.
func TestContract_C281_QuarantineOfASlice(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for _, how := range []string{"slice", "failure"} {
			d := long(t, b, 1)
			d.Table = "rentals"
			b.Server.Account(tokenOf(1)).Collection("rentals").Put(map[string]any{"id": 1, "name": 7})
			d.Invalid = synced.Quarantine{Limit: 1}
			s, stop, heard := watched(t, b, d, func(o *schedule.Options, e *schedule.Entry) {
				if how == "slice" {
					o.Slice = time.Nanosecond
				} else {
					b.Server.Fault(remotetest.Fault{Status: 404, Page: 3, Times: 1})
				}
			})
			await(t, func() bool { return !states(t, s, "rentals")[int64(1)].Succeeded.IsZero() })
			runsMore(t, s)
			require.Equal(t, []string{"rentals (1): quarantined: 1 record in quarantine"}, heard.told(), how)
			stop()
			b.Execute(t, "DROP TABLE rentals")
			b.Execute(t, "DELETE FROM synced_schedules")
			b.Execute(t, "DELETE FROM synced_quarantine")
			b.Execute(t, "DELETE FROM synced_times")
		}
	})
}

// An account that leaves ends what was told of it.
func TestContract_C281_GoneIsTheEnd(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Server.Fault(remotetest.Fault{Status: 404, Times: -1})
		accounts := &changing{}
		accounts.set(nil, 1)
		_, _, heard := watched(t, b, rentals(t, b, 1), func(_ *schedule.Options, e *schedule.Entry) { e.Scopes = accounts.all })
		await(t, func() bool { return len(heard.told()) == 1 })
		accounts.set(nil)
		await(t, func() bool { return len(heard.told()) == 2 })
		require.Equal(t, "rentals (1): no longer failing", heard.told()[1])
		await(t, func() bool { return b.Column(t, "SELECT count(*) FROM synced_schedules")[0] == "0" })

		// One that is back is new, and what is wrong is told again.
		accounts.set(nil, 1)
		await(t, func() bool { return len(heard.told()) == 3 })
	})
}

// One that leaves while somebody is being told of it is no exception.
func TestContract_C281_GoneMeanwhile(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Server.Fault(remotetest.Fault{Status: 404, Times: -1})
		accounts, heard := &changing{}, &alerts{}
		accounts.set(nil, 1)
		known := func() string { return b.Column(t, "SELECT count(*) FROM synced_schedules")[0] }
		watched(t, b, rentals(t, b, 1), func(o *schedule.Options, e *schedule.Entry) {
			e.Scopes = accounts.all
			o.Alert = func(ctx context.Context, a schedule.Alert) error {
				if !a.Ended {
					accounts.set(nil)
					await(t, func() bool { return known() == "0" })
				}
				return heard.tell(ctx, a)
			}
		})
		await(t, func() bool { return len(heard.told()) == 2 })
		require.Equal(t, "rentals (1): no longer failing", heard.told()[1])
		await(t, func() bool { return known() == "0" })
	})
}

// While somebody is still to be told that it ended, an account that comes back is as new.
func TestContract_C281_GoneAndBack(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Server.Fault(remotetest.Fault{Status: 404, Times: -1})
		accounts := &changing{}
		accounts.set(nil, 1)
		s, _, heard := watched(t, b, rentals(t, b, 1), func(_ *schedule.Options, e *schedule.Entry) { e.Scopes = accounts.all })
		await(t, func() bool { return len(heard.told()) == 1 })
		heard.fail.Store(true)
		accounts.set(nil)
		await(t, func() bool { return len(states(t, s, "rentals")) == 0 })
		n, err := s.Resume(t.Context(), "", synced.NoScope)
		require.NoError(t, err)
		require.Zero(t, n, "it is not known to anybody")
		b.Server.ClearFaults()
		accounts.set(nil, 1)
		await(t, func() bool { return !states(t, s, "rentals")[int64(1)].Succeeded.IsZero() })
		heard.fail.Store(false)
		await(t, func() bool { return len(heard.told()) == 2 })
		require.Equal(t, "rentals (1): no longer failing", heard.told()[1])
	})
}

// One fault that fails many scopes is one group: begun once, ended once.
func TestContract_C282_OneFault(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		accounts := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
		d := rentals(t, b, accounts...)
		d.APIFor = func(_ context.Context, scope synced.Scope) (remote.API, error) {
			return rest.NewClient(rest.Config{BaseURL: b.Server.URL(), Auth: wire.Bearer(tokenOf(scope.Value())), HTTP: b.Server.Client(),
				Retry: wire.Retry{Max: -1}, Breaker: wire.Breaker{Failures: -1}})
		}
		b.Server.Fault(remotetest.Fault{Status: 503, Times: -1})
		var mu sync.Mutex
		groups, all := map[string][]string{}, 0
		o := options(t)
		o.MaxBackoff, o.Failing = 10*time.Millisecond, 2
		o.Alert = func(_ context.Context, a schedule.Alert) error {
			mu.Lock()
			defer mu.Unlock()
			if all++; a.Others == 0 {
				groups[a.Group] = append(groups[a.Group], fmt.Sprint(a.Cause, " ", a.Ended))
			}
			return nil
		}
		told := func(n int) func() bool {
			return func() bool {
				mu.Lock()
				defer mu.Unlock()
				return all == n
			}
		}
		s := plan(t, b, o, schedule.Every(harness.Model(t, b, d), 10*time.Millisecond, in(accounts...)))
		stop := run(t, s)
		await(t, told(10))
		stop()
		run(t, s) // a restart knows what is open
		b.Server.ClearFaults()
		b.Server.Fault(remotetest.Fault{Token: tokenOf(3), Status: 401, Times: -1})
		await(t, told(19))
		b.Server.ClearFaults()
		await(t, told(20))
		host, err := url.Parse(b.Server.URL())
		require.NoError(t, err)
		require.Equal(t, map[string][]string{"failing: " + host.Host + " is unavailable": {"failing false", "failing true"}}, groups)
	})
}

type keeper struct {
	ID       int64  `db:"id"`
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
}

type pet struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	KeeperID int64  `db:"keeper_id" synced:"parent"`
	Name     string `json:"name" db:"name" validate:"required"`
}

// Records of associated models wait in their own quarantine: they are told until they
// leave it.
func TestContract_C281_QuarantineOfChildren(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		pets := harness.Model(t, b, synced.Synced[pet]{Table: "pets", Strategy: strategy.Full{}, Invalid: synced.Quarantine{Limit: 1}})
		keepers := harness.Model(t, b, synced.Synced[keeper]{Table: "keepers", Strategy: strategy.UpdatedSince{}, Log: slog.New(slog.DiscardHandler),
			Associations: []synced.Association{synced.HasMany(pets, "pets", "keeper_id")}})
		list := b.Server.Collection("keepers")
		list.Put(remotetest.Record{"id": 1, "name": "Ann", "pets": []remotetest.Record{{"id": 11, "name": "cat"}, {"id": 12, "name": ""}}})
		b.Server.Advance(time.Hour)
		heard := &alerts{}
		o := options(t)
		o.Alert = heard.tell
		s := plan(t, b, o, schedule.Every(keepers, 10*time.Millisecond, nil))
		run(t, s)
		await(t, func() bool { return len(heard.told()) == 1 })
		n := b.Server.Requests()
		await(t, func() bool { return b.Server.Requests() > n+5 })
		require.Equal(t, []string{"keepers: quarantined: 1 record in quarantine"}, heard.told())
		b.Server.Advance(time.Hour)
		list.Put(remotetest.Record{"id": 1, "name": "Ann", "pets": []remotetest.Record{{"id": 11, "name": "cat"}, {"id": 12, "name": "dog"}}})
		await(t, func() bool { return len(heard.told()) == 2 })
		require.Equal(t, "keepers: no longer quarantined", heard.told()[1])
	})
}

// A scoped model without scopes is an error before anything runs.
func TestNew_Scopes(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		m := harness.Model(t, b, rentals(t, b, 1))
		_, err := schedule.New(t.Context(), b.DB, schedule.Options{}, schedule.Every(m, time.Minute, nil))
		require.ErrorContains(t, err, "schedule: rentals: the model has a Scope, and the entry no Scopes")
	})
}
