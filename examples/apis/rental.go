package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/store/sqlite"
	"github.com/syncedgo/synced/strategy"
)

// Rental is the record of all APIs.
type Rental struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
	Price    string `json:"price" db:"price"`
}

// totals is what the runs of a style did.
type totals struct {
	synced.Counts
	requests int
}

// demonstrate runs, changes something remotely, and runs again. The error says
// what went wrong, or how the table differs from what the API has in the end.
func (s style) demonstrate(ctx context.Context) (total totals, err error) {
	s.fake.PerPage, s.fake.MaxPerPage = 3, 3 // it sends no more, whatever it is asked for
	srv := remotetest.New(s.fake)
	defer srv.Close()
	rentals := srv.Collection("rentals")
	for id := 1; id <= 8; id++ {
		rentals.Put(remotetest.Record{"id": id, "name": fmt.Sprint("Villa ", id), "price": "100.00"})
	}

	db, err := sqlite.Open(ctx, ":memory:", sqlite.Options{})
	if err != nil {
		return total, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	model, err := s.declare(ctx, db, srv)
	if err != nil {
		return total, err
	}
	for _, change := range []func(){
		func() {},
		func() {
			rentals.Update(2, remotetest.Record{"price": "120.50"})
			rentals.Put(remotetest.Record{"id": 9, "name": "Cabin", "price": "80.00"})
			rentals.Delete(5)
		},
	} {
		change()
		result, err := model.Synchronize(ctx, synced.NoScope)
		total.requests += result.Requests
		total.Created += result.Created
		total.Updated += result.Updated
		total.Removed += result.Removed
		if err != nil {
			return total, err
		}
		if result.Refused != nil {
			return total, fmt.Errorf("%s", result.Refused)
		}
	}
	return total, compare(ctx, model, rentals)
}

// declare declares the model, and creates its table.
func (s style) declare(ctx context.Context, db *sqlite.Store, srv *remotetest.Server) (*synced.Model[Rental], error) {
	if err := db.Migrate(ctx); err != nil {
		return nil, err
	}
	config := s.api
	config.BaseURL = srv.URL()
	if config.Export != nil {
		export := *config.Export
		export.Hosts = []string{srv.Files()}    // which get no credentials
		export.Interval = 10 * time.Millisecond // the fake is fast
		config.Export = &export
	}
	api, err := rest.NewClient(config)
	if err != nil {
		return nil, err
	}
	declared := synced.Synced[Rental]{
		Table:     "rentals",
		API:       api,
		Ask:       synced.Ask{Query: s.query},
		Strategy:  strategy.Full{},
		Remove:    synced.Destroy{},
		Tombstone: s.tombstone,
	}
	if err := declared.CreateTable(ctx, db); err != nil {
		return nil, err
	}
	return synced.New(ctx, db, declared)
}

// compare holds the rows against the fake's own records. Model.Check would read
// the pages in the very way that this example has to prove.
func compare(ctx context.Context, model *synced.Model[Rental], rentals *remotetest.Collection) error {
	rows := 0
	for row, err := range model.All(ctx, synced.NoScope) {
		if err != nil {
			return err
		}
		rows++
		record, ok := rentals.Get(row.SyncedID)
		if !ok || record["name"] != row.Name || record["price"] != row.Price {
			return fmt.Errorf("row %d is %s for %s; the API has %v", row.SyncedID, row.Name, row.Price, record)
		}
	}
	if want := rentals.Len(); rows != want {
		return fmt.Errorf("%d rows; the API has %d records", rows, want)
	}
	return nil
}
