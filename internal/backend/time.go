package backend

import (
	"database/sql"
	"fmt"
	"time"
)

// Moment returns a time as both databases keep it: in UTC, cut to microseconds,
// never rounded up. Write times so.
func Moment(at time.Time) time.Time { return at.UTC().Truncate(time.Microsecond) }

// Time is a destination to scan a time into: PostgreSQL gives a time, SQLite a
// time or a text. A null makes it zero.
type Time struct{ time.Time }

var _ sql.Scanner = (*Time)(nil)

// Scan takes what a database gave.
func (t *Time) Scan(v any) (err error) {
	switch x := v.(type) {
	case nil:
		t.Time = time.Time{}
	case time.Time:
		t.Time = x.UTC()
	case string:
		t.Time, err = time.Parse(time.RFC3339Nano, x)
		t.Time = t.Time.UTC()
	default:
		err = fmt.Errorf("a %T is not a time", v)
	}
	return err
}
