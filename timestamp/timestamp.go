// Package timestamp keeps the time of the last run of each scope, from which the
// next updated-since run asks.
package timestamp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Subject is whose time it is: a scope of a model.
type Subject struct {
	Model string
	Table *backend.Table
	// Scope is nil for a model without scopes, and in Reset for every scope.
	Scope any
}

// Stamp is a time to store.
type Stamp struct {
	At     time.Time
	Source string // where the time came from: "remote", "date", …
}

// Strategy keeps times. [PerScope] and [PerRecord] are strategies.
type Strategy interface {
	// Validate reports a mistake in the settings, given the model's table.
	Validate(d backend.Description) error
	// Stored is the time of the last run, or zero when the next run is to be
	// complete.
	Stored(ctx context.Context, q backend.Querier, s Subject) (time.Time, error)
	// Save stores a time, in the transaction of the run's last rows.
	Save(ctx context.Context, tx backend.Tx, s Subject, stamp Stamp) error
	// Reset makes the next run of the scope complete.
	Reset(ctx context.Context, tx backend.Tx, s Subject) error
}

// Keys are how a subject is found in the tables of our own: the scope's column
// and its key as text, both empty without a scope.
func (s Subject) Keys() (scopeType, scopeID string) {
	if s.Scope == nil {
		return "", ""
	}
	return s.Table.Scope, fmt.Sprint(s.Scope)
}

// precision is what both databases keep of a time. A stored time is cut to it,
// never rounded up.
const precision = time.Microsecond

// readTime reads the only column of the first row, where it is not null.
func readTime(rows store.Rows, err error) (time.Time, error) {
	if err != nil {
		return time.Time{}, err
	}
	defer rows.Close()
	var at any
	if rows.Next() {
		if err := rows.Scan(&at); err != nil {
			return time.Time{}, err
		}
	}
	if err := rows.Err(); err != nil {
		return time.Time{}, err
	}
	switch v := at.(type) {
	case nil:
		return time.Time{}, nil
	case time.Time:
		return v.UTC(), nil
	case string:
		t, err := time.Parse(time.RFC3339Nano, v)
		return t.UTC(), err
	default:
		return time.Time{}, errors.New("the stored time is not a time")
	}
}
