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
		t.Time, err = ParseTime(x)
	default:
		err = fmt.Errorf("a %T is not a time", v)
	}
	return err
}

// timeLayouts are the spellings of times in SQLite's text columns: ours first, then
// those that SQLite's own functions write.
var timeLayouts = []string{
	time.RFC3339Nano,
	"2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05.999999999Z07",
	"2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04",
	time.DateOnly,
}

// ParseTime reads a time that a database keeps as text, cut to microseconds.
func ParseTime(text string) (time.Time, error) {
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return Moment(t), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time", text)
}
