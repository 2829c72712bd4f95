package main

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/syncedgo/synced"
)

// pageTx is one page's transaction of the hand-written sync.
type pageTx interface {
	// find reads a row into values, and gives its key. It is 0 where there is none.
	find(ctx context.Context, remoteID int64, values []any) (key int64, err error)
	insert(ctx context.Context, values []any) error
	update(ctx context.Context, key int64, values []any) error
	commit(ctx context.Context) error
	rollback(ctx context.Context)
}

// byHand is a sync as people write it: encoding/json reads a page, and in one
// transaction a page each row is looked for, and inserted, or updated where it
// differs. The statements are prepared once.
type byHand[T any] struct {
	pages
	begin  func(ctx context.Context) (pageTx, error)
	fields [][]int

	inserted, updated int
}

// handOf makes a run of it.
func handOf[T any](ctx context.Context, db *database, j job) (func(context.Context) (measurement, error), error) {
	columns, fields := columnsOf(reflect.TypeFor[T]())
	begin, err := beginner(ctx, db, columns)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (measurement, error) {
		h := &byHand[T]{pages: pagesOf(j), begin: begin, fields: fields}
		if err := h.each(ctx, h.write); err != nil {
			return measurement{}, err
		}
		records := j.Options.Records
		inserted, updated := 0, 0
		switch j.Name {
		case "first":
			inserted = records
		case "changed":
			updated = count(records, touched, changedIn)
		}
		if h.seen != records || h.inserted != inserted || h.updated != updated {
			return measurement{}, fmt.Errorf("%d seen, %d inserted, %d updated; want %d, %d, %d", h.seen, h.inserted, h.updated, records, inserted, updated)
		}
		return h.measured(), nil
	}, nil
}

// write writes a page.
func (h *byHand[T]) write(ctx context.Context, page []json.RawMessage) error {
	tx, err := h.begin(ctx)
	if err != nil {
		return err
	}
	defer tx.rollback(ctx)
	for _, raw := range page {
		var record, row T
		if err := json.Unmarshal(raw, &record); err != nil {
			return err
		}
		k := any(&record).(model).key()
		k.AccountID, k.SyncedData = account, synced.Data(raw)
		wanted, found := pointers(&record, h.fields), pointers(&row, h.fields)
		key, err := tx.find(ctx, k.SyncedID, found)
		switch {
		case err != nil:
		case key == 0:
			h.inserted++
			err = tx.insert(ctx, wanted)
		case !same(wanted, found):
			h.updated++
			err = tx.update(ctx, key, wanted)
		}
		if err != nil {
			return err
		}
	}
	return tx.commit(ctx)
}

// columnsOf is what a model writes, and where its fields are.
func columnsOf(t reflect.Type) (names []string, fields [][]int) {
	for _, f := range reflect.VisibleFields(t) {
		if name := f.Tag.Get("db"); name != "" && name != "id" {
			names, fields = append(names, name), append(fields, f.Index)
		}
	}
	return names, fields
}

// pointers are those to the fields of a row.
func pointers[T any](row *T, fields [][]int) []any {
	v := reflect.ValueOf(row).Elem()
	list := make([]any, len(fields))
	for i, index := range fields {
		list[i] = v.FieldByIndex(index).Addr().Interface()
		if data, ok := list[i].(*synced.Data); ok {
			list[i] = (*[]byte)(data)
		}
	}
	return list
}

// same reports whether two rows have the same values.
func same(a, b []any) bool {
	for i := range a {
		if x, ok := a[i].(*time.Time); ok {
			if !x.Equal(*b[i].(*time.Time)) {
				return false
			}
		} else if !reflect.DeepEqual(a[i], b[i]) {
			return false
		}
	}
	return true
}
