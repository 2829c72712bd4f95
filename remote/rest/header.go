package rest

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

// syncedAtFormats are the ways in which remotes write their clock: BookingSync's,
// then RFC 3339, also with +0000, and RFC 1123.
var syncedAtFormats = []string{"2006-01-02 15:04:05 MST", "2006-01-02 15:04:05 -0700", time.RFC3339, "2006-01-02T15:04:05Z0700", time.RFC1123, time.RFC1123Z}

// readHeader fills the page with what the headers say. A header that is there and
// makes no sense is an error: a guess could skip changes or remove rows.
func (r *asker) readHeader(answer *wire.Answer, page *remote.Page) *remote.FormatError {
	h := answer.Header
	page.Date, page.Age = dateOf(answer), ageOf(h)
	if v := strings.TrimSpace(r.header(h, r.config.SyncedAtHeader)); v != "" {
		at, err := parseSyncedAt(v)
		if err != nil {
			return &remote.FormatError{Reason: fmt.Sprintf("header %s: %q is not a time", r.config.SyncedAtHeader, v), Err: err}
		}
		page.SyncedAt = at
	}
	if v := strings.TrimSpace(r.header(h, r.config.TotalHeader)); v != "" {
		if err := readTotalHeader(v, page); err != nil {
			return &remote.FormatError{Reason: fmt.Sprintf("header %s: %v", r.config.TotalHeader, err), Err: err}
		}
	}
	return nil
}

// dateOf returns the time of an answer. A server may look at its records first and write
// the date when it is done: where that took a second or more, the date counts from when it
// was asked.
func dateOf(answer *wire.Answer) time.Time {
	at, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil || answer.Took < time.Second {
		return at
	}
	return at.Add(-answer.Took.Truncate(time.Second) - time.Second)
}

// ageOf returns how long a cache has kept an answer.
func ageOf(h http.Header) time.Duration {
	age := h.Get("Age")
	if age == "" {
		return 0
	}
	seconds, err := parseCount(age)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// readTotalHeader fills in the total that a header tells, by itself or at the end of a
// range, "0-39/100".
func readTotalHeader(v string, page *remote.Page) error {
	if part, ok := parseRange(v); ok {
		page.Total, page.TotalKnown = part.total, part.known
		return nil
	}
	total, err := parseCount(v)
	page.Total, page.TotalKnown = total, err == nil
	return err
}

// header is the value of a header that the API may not have.
func (r *asker) header(h http.Header, name string) string {
	if name == None {
		return ""
	}
	return h.Get(name)
}

// parseSyncedAt takes no zone abbreviation but UTC and GMT: package time may
// read any other as UTC, which would be hours wrong.
func parseSyncedAt(v string) (time.Time, error) {
	var first error
	for _, layout := range syncedAtFormats {
		at, err := time.ParseInLocation(layout, v, time.UTC)
		if zone, _ := at.Zone(); err == nil && strings.HasSuffix(layout, "MST") && zone != "UTC" && zone != "GMT" {
			err = fmt.Errorf("zone %s: want UTC", zone)
		}
		if err == nil {
			return at.UTC(), nil
		}
		if first == nil {
			first = err
		}
	}
	return time.Time{}, first
}

// parseUnix reads a JSON number as seconds or milliseconds of the years 2001 to
// 2286, which have 10 and 13 digits: other numbers may be dates written without
// spaces. A fraction is cut.
func parseUnix(v string) (time.Time, error) {
	whole, _, _ := strings.Cut(v, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	switch {
	case strings.ContainsAny(v, "eE"):
		err = errors.New("not written in digits")
	case err != nil:
	case n >= 1e9 && n < 1e10:
		return time.Unix(n, 0).UTC(), nil
	case n >= 1e12 && n < 1e13:
		return time.UnixMilli(n).UTC(), nil
	default:
		err = errors.New("neither seconds nor milliseconds of this time")
	}
	return time.Time{}, err
}

// notJSON returns what an answer is that does not look like JSON. The label counts
// for nothing where the body is JSON: many servers call it text/plain.
func notJSON(h http.Header, body []byte) *remote.FormatError {
	text := bytes.TrimLeft(body, " \t\r\n")
	if len(text) == 0 {
		return &remote.FormatError{Reason: "the answer is empty"}
	}
	if text[0] == '{' || text[0] == '[' || string(bytes.TrimSpace(text)) == "null" {
		return nil
	}
	label, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	switch {
	case label == "":
		return &remote.FormatError{Reason: "the answer is not JSON"}
	case strings.HasSuffix(label, "json"):
		return nil // the decoder knows better what is wrong
	}
	return &remote.FormatError{Reason: "the answer is " + label + ", not JSON"}
}
