package plan

import (
	"reflect"
	"strings"
	"time"
)

// formOfTime returns the form of times: cut to what the column keeps, where the
// database would round.
func (f former) formOfTime() func(reflect.Value) error {
	kept := f.keptOfTime()
	if kept == nil {
		return nil
	}
	return func(v reflect.Value) error {
		settleTime(v, kept)
		return nil
	}
}

// keptOfTime returns how a time is cut, or nil. It is in UTC already, in
// microseconds.
func (f former) keptOfTime() func(time.Time) time.Time {
	switch {
	case !f.strict:
		return nil
	case f.base == "date":
		return func(at time.Time) time.Time {
			year, month, day := at.Date()
			return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
		}
	case strings.HasPrefix(f.base, "timestamp") && len(f.limits) == 1 && f.limits[0] < 6:
		unit := time.Second
		for range f.limits[0] {
			unit /= 10
		}
		return func(at time.Time) time.Time { return at.Truncate(unit) }
	default:
		return nil
	}
}
