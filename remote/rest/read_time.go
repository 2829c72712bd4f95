package rest

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/remote"
)

var _ remote.TimeReader = (*Client)(nil)

// recordFormats are how times are written that tell their offset, whatever
// Since.Format says.
var recordFormats = []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700", time.RFC1123Z}

// ReadTime reads a time from a record, as Config.Since says that the API writes them:
// its Format, with its Zone where that tells no offset, seconds or milliseconds. A time
// with an offset is read as well. Of a time that clocks show twice, it is the earlier.
func (c *Client) ReadTime(v remote.Value) (time.Time, error) { return c.lister.config.Since.read(v) }

// read reads a time of a record.
func (s Since) read(v remote.Value) (time.Time, error) {
	if v.Kind() == '0' {
		return s.readNumber(string(v))
	}
	if v.Kind() != '"' {
		return time.Time{}, fmt.Errorf("%s, not a time", kindName(v.Kind()))
	}
	b, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		return time.Time{}, err
	}
	text := strings.TrimSpace(string(b))
	if s.isUnix() {
		if at, err := s.readNumber(text); err == nil {
			return at, nil
		}
	} else if at, err := time.ParseInLocation(s.Format, text, s.Zone); err == nil {
		return earlier(at), nil
	}
	for _, format := range recordFormats {
		if at, err := time.Parse(format, text); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time as rest.Since says that the API writes them (Format %q): set Format, and Zone where it tells no offset", shorten(text), s.Format)
}

// readNumber reads seconds or milliseconds, told apart by their size where neither is
// declared.
func (s Since) readNumber(text string) (time.Time, error) {
	at, err := parseUnix(text)
	if err != nil {
		return at, fmt.Errorf("%s: %w", shorten(text), err)
	}
	return at, nil
}

// earlier returns the first of two times that a clock shows as this one, because it
// was turned back between.
func earlier(at time.Time) time.Time {
	if start, _ := at.ZoneBounds(); !start.IsZero() {
		_, before := start.Add(-1).Zone()
		_, after := at.Zone()
		if first := at.Add(-time.Duration(before-after) * time.Second); before > after && first.Before(start) {
			return first.UTC()
		}
	}
	return at.UTC()
}
