package remotetest

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Formats of [Since] that are numbers: seconds and milliseconds since 1970.
const (
	Unix      = "unix"
	UnixMilli = "unixmilli"
)

// Since is how a list is asked for its changes only. The zero value is
// BookingSync's: updated_since, inclusive, RFC 3339 or "2006-01-02 15:04:05 UTC".
type Since struct {
	// Param names the parameter. Defaults to "updated_since". None is an API that
	// ignores it.
	Param string
	// Filter is the expression that the time is in, with %s in its place:
	// "updated>'%s'".
	Filter string
	// Field names the member of records that says when they changed. Defaults to
	// "updated_at".
	Field string
	// Until names the parameter for the end of the time that is asked for. Defaults to
	// none.
	Until string
	// Window is the longest span between the two. A list that is asked for without both,
	// or for a longer span, is a 400. Defaults to any.
	Window time.Duration
	// UntilExclusive leaves out what changed at the end.
	UntilExclusive bool
	// Exclusive leaves out what changed in the very second that was asked for.
	Exclusive bool
	// Format is the only format that the API reads, and that of Field: a layout of
	// package time, [Unix] or [UnixMilli].
	Format string
	// Zone is where a Format without an offset is local time. Defaults to UTC.
	Zone *time.Location
	// Lenient lists everything if the time can't be read. Otherwise that is a 422.
	Lenient bool
	// Retention is how long changes are remembered: an earlier time is a 410.
	// Defaults to forever.
	Retention time.Duration
}

// withDefaults fills the zero values.
func (s Since) withDefaults() Since {
	s.Param = cmp.Or(s.Param, "updated_since")
	s.Field = cmp.Or(s.Field, "updated_at")
	if s.Zone == nil {
		s.Zone = time.UTC
	}
	return s
}

// read reads the parameter. Without a value it asks for all changes ever, as it
// does with BookingSync.
func (s Since) read(q url.Values) (since time.Time, asked, ok bool) {
	if s.Param == None || !q.Has(s.Param) {
		return time.Time{}, false, true
	}
	v := q.Get(s.Param)
	if v == "" {
		return time.Time{}, true, true
	}
	if at, ok := s.parse(v); ok {
		return at, true, true
	}
	return time.Time{}, false, s.Lenient
}

// parse reads a value.
func (s Since) parse(v string) (time.Time, bool) {
	if s.Filter != "" {
		before, after, _ := strings.Cut(s.Filter, "%s")
		if len(v) < len(before)+len(after) || !strings.HasPrefix(v, before) || !strings.HasSuffix(v, after) {
			return time.Time{}, false
		}
		v = v[len(before) : len(v)-len(after)]
	}
	switch s.Format {
	case Unix, UnixMilli:
		n, err := strconv.ParseInt(v, 10, 64)
		if s.Format == UnixMilli {
			return time.UnixMilli(n), err == nil
		}
		return time.Unix(n, 0), err == nil
	case "":
		for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05 UTC"} {
			if at, err := time.Parse(layout, v); err == nil {
				return at, true
			}
		}
		return time.Time{}, false
	default:
		at, err := time.ParseInLocation(s.Format, v, s.Zone)
		return at, err == nil
	}
}

// value is a time as records say it.
func (s Since) value(at time.Time) any {
	switch s.Format {
	case "":
		return at
	case Unix:
		return at.Unix()
	case UnixMilli:
		return at.UnixMilli()
	default:
		return at.In(s.Zone).Format(s.Format)
	}
}

// span is what a request for changes asks for.
type span struct{ since, until time.Time }

// lists reports whether a request for changes lists what changed at a time.
func (s Since) lists(at time.Time, asked span) bool {
	if !asked.until.IsZero() && (at.After(asked.until) || s.UntilExclusive && at.Equal(asked.until)) {
		return false
	}
	return at.After(asked.since) || !s.Exclusive && at.Equal(asked.since)
}

// end reads the parameter of the end.
func (s Since) end(q url.Values) (until time.Time, ok bool) {
	if s.Until == "" || !q.Has(s.Until) {
		return time.Time{}, true
	}
	return s.parse(q.Get(s.Until))
}

// refuses returns what is wrong with the span that is asked for.
func (s Since) refuses(q question) string {
	switch {
	case s.Window == 0:
		return ""
	case !q.asked || q.until.IsZero():
		return s.Param + " and " + s.Until + " are required"
	case q.until.Before(q.since):
		return s.Until + " is before " + s.Param
	case q.until.Sub(q.since) > s.Window:
		return "the span is longer than " + s.Window.String()
	default:
		return ""
	}
}
