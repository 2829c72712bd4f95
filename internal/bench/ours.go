package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/strategy"
)

// account is the scope.
const account = 17

// declaration is the model.
func declaration[T any]() synced.Synced[T] {
	return synced.Synced[T]{Table: "rentals", Scope: "account_id", Remove: synced.Destroy{}}
}

// oursOf makes a run of this library, as a service has it.
func oursOf[T any](db *database, j job) (func(context.Context) (measurement, error), error) {
	o := j.Options
	api, err := rest.NewClient(rest.Config{
		BaseURL: fmt.Sprintf("%s/v%d", j.Server, j.Variant), PerPage: o.PerPage, InFlight: o.InFlight,
		Pagination: rest.PageNumber{}, TotalHeader: "X-Total-Count", IDs: rest.IDs{Param: "ids"},
	})
	if err != nil {
		return nil, err
	}
	d := declaration[T]()
	d.API = api
	if d.Associations, err = family(context.Background(), db, o.Shape); err != nil {
		return nil, err
	}
	if o.Atomic {
		d.Commit = synced.Atomic{}
	}
	model, err := synced.New(context.Background(), db.store, d)
	if err != nil {
		return nil, err
	}
	var call synced.Call
	switch j.Name {
	case "unchanged", "changed", "removal":
		call.Strategy = strategy.Full{}
	case "check", "check-off":
		call.Strategy = strategy.Check{}
	}
	return func(ctx context.Context) (measurement, error) {
		stop, err := profile(j)
		if err != nil {
			return measurement{}, err
		}
		r, err := model.Synchronize(ctx, synced.In(account), call)
		if err = errors.Join(err, stop()); err != nil {
			return measurement{}, err
		}
		return measurement{Records: r.Records, Requests: r.Requests, Bytes: r.Bytes}, expect(j, r)
	}, nil
}

// expect says what a run should have done and did not.
func expect(j job, r synced.Result) error {
	records := j.Options.Records
	changed, gone := count(records, moved, changedEver), count(records, moved, goneIn)
	var want synced.Counts
	switch j.Name {
	case "first":
		want.Created = records
	case "unchanged":
		want.Unchanged = records
	case "changed":
		want.Updated, want.Unchanged, want.Removed = changed, records-changed-gone, gone
	case "since":
		want.Updated = count(records, later, changedIn)
	case "removal":
		removed := count(records, fewer, goneIn) - gone
		want.Unchanged, want.Removed = records-gone-removed, removed
	case "check", "check-off":
		if j.Name == "check" {
			changed, gone = 0, 0
		}
		if d := r.Diff; d == nil || len(d.Changed) != changed || len(d.Missing) != gone || len(d.Additional) != 0 {
			return fmt.Errorf("%s; want %d changed, %d missing", r, changed, gone)
		}
		return nil
	}
	if r.Counts != want {
		return fmt.Errorf("%s; want %s", r, want)
	}
	return nil
}

// changedEver reports whether a variant has record i in another version than the first.
func changedEver(variant, i int) bool { return versionIn(variant, i) > 0 }

// profile begins a CPU profile where one is asked for.
func profile(j job) (stop func() error, err error) {
	folder := j.Options.CPUProfile
	if folder == "" {
		return func() error { return nil }, nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	file, err := os.Create(filepath.Join(folder, j.Store+"-"+j.Name+".pprof"))
	if err != nil {
		return nil, err
	}
	return func() error {
		pprof.StopCPUProfile()
		return file.Close()
	}, pprof.StartCPUProfile(file)
}
