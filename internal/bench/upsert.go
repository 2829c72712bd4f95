package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/syncedgo/synced"
)

// upsert writes a page of rows in one statement, whether they exist or not.
type upsert[T any] func(ctx context.Context, rows []T) error

// upsertsOf makes a run that reads pages with encoding/json, and writes each by an upsert.
// What it has written is looked at when the clock no longer runs.
func upsertsOf[T any](db *database, j job, put upsert[T], decode func(raw json.RawMessage, row *T) error) func(context.Context) (measurement, error) {
	return func(ctx context.Context) (measurement, error) {
		p := pagesOf(j)
		start := time.Now()
		err := p.each(ctx, func(ctx context.Context, records []json.RawMessage) error {
			rows := make([]T, len(records))
			for i, raw := range records {
				if err := decode(raw, &rows[i]); err != nil {
					return err
				}
			}
			return put(ctx, rows)
		})
		m := p.measured()
		m.Seconds = time.Since(start).Seconds()
		if err == nil {
			err = db.holds(ctx, j)
		}
		return m, err
	}
}

// decoded reads a record as the hand-written syncs do.
func decoded[T any](raw json.RawMessage, row *T) error {
	if err := json.Unmarshal(raw, row); err != nil {
		return err
	}
	k := any(row).(model).key()
	k.AccountID, k.SyncedData = account, synced.Data(raw)
	return nil
}

// holds makes sure that the table has the records as the list has them.
func (db *database) holds(ctx context.Context, j job) error {
	const query = "SELECT count(*), count(CASE WHEN name LIKE '% v0' THEN 1 END) FROM rentals"
	var all, first int
	var err error
	if db.pool != nil {
		err = db.pool.QueryRow(ctx, query).Scan(&all, &first)
	} else {
		err = db.sql.QueryRowContext(ctx, query).Scan(&all, &first)
	}
	records := j.Options.Records
	want := records - count(records, j.Variant, func(variant, i int) bool { return versionIn(variant, i) > 0 })
	if err == nil && (all != records || first != want) {
		err = fmt.Errorf("%d rows, %d of them as at first; want %d and %d", all, first, records, want)
	}
	return err
}
