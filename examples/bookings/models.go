package main

import (
	"context"
	"iter"
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/schedule"
	"github.com/syncedgo/synced/store"
)

// Rental is a house that is let.
type Rental struct {
	ID        int64  `db:"id"`
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	Name      string `json:"name" db:"name"`
	Sleeps    int    `json:"sleeps" db:"sleeps"`
}

// Booking is a stay in a rental.
type Booking struct {
	SyncedID  int64     `json:"id" db:"synced_id"`
	AccountID int64     `db:"account_id"`
	RentalID  *int64    `db:"rental_id" synced:"parent"`
	Guest     string    `json:"guest" db:"guest"`
	Arrives   time.Time `json:"arrives_at" db:"arrives_at"`
}

// rental and booking are the declarations.
func (s *service) rental() synced.Synced[Rental] {
	return synced.Synced[Rental]{
		Table: "rentals", Scope: "account_id", APIFor: s.apiFor, Observer: s.observer,
		Remove:  synced.Destroy{Limit: 0.2}, // more at once waits for approval: ops removals
		Invalid: synced.Quarantine{},        // what can't be mapped waits for repair: ops quarantine
	}
}

func (s *service) booking(rentals *synced.Model[Rental]) synced.Synced[Booking] {
	d := synced.Synced[Booking]{
		Table: "bookings", Scope: "account_id", APIFor: s.apiFor, Observer: s.observer,
		Remove: synced.Destroy{Limit: 0.2}, Invalid: synced.Quarantine{},
	}
	if rentals != nil {
		d.BelongsTo = []synced.Parent{synced.BelongsTo(rentals, "rental_id", "rental_id", synced.MissingNull)}
	}
	return d
}

// apiFor returns the API of an account. All accounts share one limiter: where several
// processes share a limit, give it a Budget, see package remote/budget.
func (s *service) apiFor(ctx context.Context, scope synced.Scope) (remote.API, error) {
	var token string
	found, err := store.One(ctx, s.db, query{"SELECT token FROM accounts WHERE id = ?", []any{scope.Value()}}, &token)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errNoAccount
	}
	return rest.NewClient(rest.Config{
		BaseURL: s.api, Auth: wire.Bearer(token), Limiter: s.limiter,
	})
}

// accounts yields the accounts of the service. The schedule asks again every minute.
func (s *service) accounts(ctx context.Context) iter.Seq2[synced.Scope, error] {
	return func(yield func(synced.Scope, error) bool) {
		var ids []int64 // read whole: a run must not wait for an open query
		err := store.Each(ctx, s.db, query{sql: "SELECT id FROM accounts ORDER BY id"}, func(rows store.Rows) error {
			var id int64
			err := rows.Scan(&id)
			ids = append(ids, id)
			return err
		})
		for _, id := range ids {
			if err == nil && !yield(synced.In(id), nil) {
				return
			}
		}
		if err != nil {
			yield(synced.NoScope, err)
		}
	}
}

// entries makes the models, and says when they run.
func (s *service) entries(ctx context.Context) ([]schedule.Entry, error) {
	var err error
	if s.rentals, err = synced.New(ctx, s.db, s.rental()); err != nil {
		return nil, err
	}
	if s.bookings, err = synced.New(ctx, s.db, s.booking(s.rentals)); err != nil {
		return nil, err
	}
	rentals := schedule.Every(s.rentals, 5*time.Minute, s.accounts)
	bookings := schedule.Every(s.bookings, 5*time.Second, s.accounts)
	rentals.Complete, bookings.Complete = 24*time.Hour, 24*time.Hour
	bookings.Priority = 1
	return []schedule.Entry{rentals, bookings}, nil
}

// query is a statement with its values.
type query struct {
	sql  string
	args []any
}

func (q query) ToSql() (string, []any, error) { return q.sql, q.args, nil }
