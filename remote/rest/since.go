package rest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/syncedgo/synced/remote"
)

// Formats of [Since] that are no layouts: seconds and milliseconds since 1970.
const (
	Unix      = "unix"
	UnixMilli = "unixmilli"
)

// Since is how an API is asked for what changed since a time. The zero value is
// updated_since=2026-01-31T12:00:00Z, answered with what changed at that time or
// after it. An API whose clocks or caches lag needs strategy.UpdatedSince.Tolerance,
// which asks for more.
type Since struct {
	// Param names the query parameter. Defaults to "updated_since".
	Param string
	// Header is a header that the time goes into in place of the parameter, with each
	// page. With If-Modified-Since, Format defaults to that of HTTP dates, Exclusive is
	// set, and a 304 is an empty list of changes. Defaults to none.
	Header string
	// Format is how the time is written: a layout of package time, also with
	// fractions, or [Unix] or [UnixMilli]. What is finer than it can tell is cut,
	// never rounded up. Defaults to [time.RFC3339], whole seconds.
	Format string
	// Filter is an expression around the time, with %s in its place:
	// "updated>='%s'". Defaults to the time alone.
	Filter string
	// And joins Filter with what the request's own Query has for Param, each in
	// parentheses: " and ", "&&". One with %s twice is around the two, as in a JSON body:
	// `{"and":[%s,%s]}`. Defaults to none: a request with both is an error,
	// unless there is no Filter. Its value then replaces the time.
	And string
	// Exclusive reports whether the API answers with what changed after the time, and
	// leaves out what changed at it. It is then asked one unit of Format earlier.
	Exclusive bool
	// Until names the parameter for the end of the time that is asked for, written as the
	// beginning is. The API may include what changed at that time, or leave it out. Defaults
	// to none: lists have no end.
	Until string
	// Window is the longest span that the API allows between the two, 30*24*time.Hour. A
	// run then asks for one span after the other, and always with both parameters. It needs
	// strategy.UpdatedSince with an Initial time, where the first one begins. Defaults to
	// none: any span.
	Window time.Duration
	// Zone is the zone of times in which the API tells no offset. Near a clock
	// change, such a time is moved back to one that occurs once. Defaults to UTC.
	Zone *time.Location
	// Rejected reports whether an error means that the API can't answer for a time that
	// long ago, or no longer knows a [Position], so that everything is asked for
	// instead: [remote.ErrSinceRejected]. Defaults to 410.
	Rejected func(*remote.Error) bool
}

// ifModifiedSince is the header that asks for a list only where it changed.
const ifModifiedSince = "If-Modified-Since"

func (s Since) withDefaults() Since {
	if http.CanonicalHeaderKey(s.Header) == ifModifiedSince {
		s.Exclusive = true // its times have no fractions, and what changed at the very time is not later
		setDefault(&s.Format, http.TimeFormat)
	}
	setDefault(&s.Param, "updated_since")
	setDefault(&s.Format, time.RFC3339)
	if s.Zone == nil {
		s.Zone = time.UTC
	}
	if s.Rejected == nil {
		s.Rejected = func(e *remote.Error) bool { return e.Status == 410 }
	}
	return s
}

// validate returns what is wrong with the settings.
func (s Since) validate() error {
	if s.Header != "" && (s.Param != "" || s.Filter != "" || s.And != "") {
		return errors.New("since: Header, and a parameter: want one of them")
	}
	s = s.withDefaults()
	if err := s.validateWindow(); err != nil {
		return err
	}
	utc := s.Zone.String() == "UTC"
	switch {
	case s.And != "" && s.Filter == "":
		return errors.New("since: And without a Filter that it joins")
	case strings.Contains(s.And, "%s") && strings.Count(s.And, "%s") != 2:
		return fmt.Errorf("since: and %q: want %%s twice, for the declaration's own and for the time", s.And)
	case s.Filter != "" && strings.Count(s.Filter, "%s") != 1:
		return fmt.Errorf("since: filter %q: want %%s once, where the time goes", s.Filter)
	case s.isUnix() && !utc:
		return fmt.Errorf("since: format %s has no zone: leave Zone out", s.Format)
	case s.isUnix():
		return nil
	case !utc && (strings.Contains(s.Format, "MST") || strings.HasSuffix(s.Format, "Z") || strings.HasSuffix(s.Format, "GMT")):
		return errors.New("since: the format names a zone: leave Zone out, or write the offset as -07:00")
	}
	text := sample.Format(s.Format)
	read, err := time.ParseInLocation(s.Format, text, time.UTC)
	if err != nil || !read.Equal(sample.Truncate(s.unit())) {
		return fmt.Errorf("since: format %q does not tell a time: it makes %q of %s; want a year of four digits, a month, a day and, with an hour, 15 or PM", s.Format, text, sample.Format(time.RFC3339))
	}
	return nil
}

// sample is a time whose parts are not mistaken for each other, in a year that
// two digits do not tell.
var sample = time.Date(1905, time.November, 23, 16, 47, 38, 0, time.UTC)

func (s Since) isUnix() bool { return s.Format == Unix || s.Format == UnixMilli }

// unit is the smallest step that the format can tell.
func (s Since) unit() time.Duration {
	switch s.Format {
	case Unix:
		return time.Second
	case UnixMilli:
		return time.Millisecond
	}
	text := sample.Format(s.Format)
	for unit := time.Nanosecond; unit < time.Second; unit *= 10 {
		if sample.Add(unit).Format(s.Format) != text {
			return unit
		}
	}
	for _, unit := range []time.Duration{time.Second, time.Minute, time.Hour} {
		if sample.Add(unit).Format(s.Format) != text {
			return unit
		}
	}
	return 24 * time.Hour
}

// set adds the parameters, where there is a time to ask from, to a query that has the
// request's own.
func (s Since) set(q url.Values, at, until time.Time) error {
	if err := s.setUntil(q, until); err != nil {
		return err
	}
	if at.IsZero() || s.Header != "" {
		return nil
	}
	text, own := s.text(at), q[s.Param]
	switch {
	case s.Filter == "" && own != nil:
		return nil
	case s.Filter != "":
		text = strings.Replace(s.Filter, "%s", text, 1)
	}
	switch {
	case len(own) == 0:
	case s.And == "":
		return fmt.Errorf("remote: the request's Query and Since.Filter are both about %s: set rest.Since.And, which joins them", s.Param)
	case len(own) > 1:
		return fmt.Errorf("remote: the request's Query has several values of %s, which can't be joined with Since.Filter", s.Param)
	case strings.Contains(s.And, "%s"):
		before, after, _ := strings.Cut(s.And, "%s")
		between, after, _ := strings.Cut(after, "%s")
		text = before + own[0] + between + text + after
	default:
		text = "(" + own[0] + ")" + s.And + "(" + text + ")"
	}
	q.Set(s.Param, text)
	return nil
}

// header is the header with a time to ask from, nil where there is none.
func (s Since) header(at time.Time) http.Header {
	if at.IsZero() || s.Header == "" {
		return nil
	}
	return http.Header{http.CanonicalHeaderKey(s.Header): {s.text(at)}}
}

// text writes a time, so that no reading of it is later.
func (s Since) text(at time.Time) string {
	if s.Exclusive {
		at = at.Add(-s.unit())
	}
	return s.write(at)
}

// write writes a time, cut to what the format can tell.
func (s Since) write(at time.Time) string {
	switch s.Format {
	case Unix:
		return strconv.FormatInt(at.Unix(), 10)
	case UnixMilli:
		return strconv.FormatInt(at.UnixMilli(), 10)
	}
	at = at.In(s.Zone)
	if !s.tellsOffset() {
		at = s.unambiguous(at)
	}
	return at.Format(s.Format)
}

// tellsOffset reports whether the format has an offset or the name of a zone in it.
func (s Since) tellsOffset() bool {
	return sample.Format(s.Format) != sample.In(time.FixedZone("X", 3600)).Add(-time.Hour).Format(s.Format)
}

// unambiguous moves a time back to before the hour that clocks show once more
// after it: text from that hour may be read as the later of the two.
func (s Since) unambiguous(at time.Time) time.Time {
	for {
		_, end := at.ZoneBounds()
		if end.IsZero() {
			return at
		}
		_, before := at.Zone()
		_, after := end.Zone()
		first := end.Add(time.Duration(after-before) * time.Second)
		if !first.Before(end) || at.Before(first) {
			return at
		}
		at = first.Add(-s.unit())
	}
}
