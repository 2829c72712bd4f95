package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/report"
	"github.com/syncedgo/synced/store"
)

// Quarantined lists the records in quarantine of a scope, or of every scope,
// those that came first in front.
func (m *Model) Quarantined(ctx context.Context, scope any) iter.Seq2[report.Quarantined, error] {
	return func(yield func(report.Quarantined, error) bool) {
		where := m.ofScope(scope)
		if scope == nil {
			where = where[:1] // the model
		}
		rows, err := m.DB.Query(ctx, squirrel.Select("scope_id", "remote_id", "object", "error", "attempts", "first_at", "last_at").From(quarantine).
			Where(where).OrderBy("first_at", "scope_id", "length(remote_id)", "remote_id"))
		if err != nil {
			yield(report.Quarantined{}, m.Fail(scope, fmt.Errorf("quarantine: %w", err)))
			return
		}
		defer rows.Close()
		for rows.Next() {
			record, err := scanQuarantined(rows)
			if err != nil {
				yield(report.Quarantined{}, m.Fail(scope, fmt.Errorf("quarantine: %w", err)))
				return
			}
			if !yield(record, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(report.Quarantined{}, m.Fail(scope, fmt.Errorf("quarantine: %w", err)))
		}
	}
}

func scanQuarantined(rows store.Rows) (report.Quarantined, error) {
	var q report.Quarantined
	var object string
	var first, last any
	err := rows.Scan(&q.Scope, &q.ID, &object, &q.Error, &q.Attempts, &first, &last)
	if err == nil {
		q.Object, err = remote.ParseObject([]byte(object))
	}
	if err == nil {
		q.First, err = timeOf(first)
	}
	if err == nil {
		q.Last, err = timeOf(last)
	}
	return q, err
}

// timeOf is a time as one of the databases gives it.
func timeOf(v any) (time.Time, error) {
	switch x := v.(type) {
	case time.Time:
		return x.UTC(), nil
	case string:
		at, err := time.Parse(time.RFC3339Nano, x)
		return at.UTC(), err
	default:
		return time.Time{}, errors.New("not a time")
	}
}

// HasLeftover says that records of the model are in quarantine.
func (m *Model) HasLeftover(ctx context.Context) (bool, error) {
	rows, err := m.DB.Query(ctx, squirrel.Select("1").From(quarantine).Where(m.ofScope(nil)[:1]).Limit(1))
	if err != nil {
		return false, err
	}
	defer rows.Close()
	found := rows.Next()
	return found, rows.Err()
}
