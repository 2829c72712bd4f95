// Package backend is what synced asks of a database: short transactions, one
// set-based write of a page, and SQL built by squirrel for everything else.
// store/postgres and store/sqlite implement it; internal/storetest is the suite
// that both pass. A service knows only package store.
package backend

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/syncedgo/synced/store"
)

// Of returns what synced asks of a service's store.
func Of(db store.Store) (Store, error) {
	if v := reflect.ValueOf(db); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, errors.New("no database: open one with sqlite.Open or postgres.New")
	}
	switch db := db.(type) {
	case Store:
		return db, nil
	case interface{ Backend() Store }:
		return db.Backend(), nil
	}
	return nil, fmt.Errorf("the database is a %T, which is no store of synced's: open one with sqlite.Open or postgres.New", db)
}
