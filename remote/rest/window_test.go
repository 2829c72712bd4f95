package rest_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
)

// The text of an end is never read as earlier than the end, and two texts are never
// further apart than the API allows.
func TestWindow_Texts(t *testing.T) {
	t.Parallel()
	from, until := time.Date(2026, 7, 1, 22, 30, 15, 1, time.UTC), time.Date(2026, 7, 31, 22, 30, 15, 1, time.UTC)
	paris := zone(t, "Europe/Paris")
	cases := map[string]struct {
		since      rest.Since
		from, text string
	}{
		"default":             {rest.Since{}, "2026-07-01T22:30:15Z", "2026-07-31T22:30:16Z"},
		"unix":                {rest.Since{Format: rest.Unix}, "1782945015", "1785537016"},
		"unixmilli":           {rest.Since{Format: rest.UnixMilli}, "1782945015000", "1785537015001"},
		"exclusive beginning": {rest.Since{Exclusive: true}, "2026-07-01T22:30:14Z", "2026-07-31T22:30:16Z"},
		"dates":               {rest.Since{Format: time.DateOnly}, "2026-07-01", "2026-08-01"},
		"a zone":              {rest.Since{Zone: paris, Format: time.DateTime}, "2026-07-02 00:30:15", "2026-08-01 00:30:16"},
		"a filter":            {rest.Since{Param: "q", Filter: "t>'%s'"}, "t>'2026-07-01T22:30:15Z'", "2026-07-31T22:30:16Z"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.since.Until = "to"
			if c.since.Param == "" {
				c.since.Param = "from"
			}
			asked := make(chan url.Values, 1)
			client := serve(t, rest.Config{Since: c.since}, func(w http.ResponseWriter, r *http.Request) {
				asked <- r.URL.Query()
				answer(200, jsonType, `{"rentals":[]}`)(w, r)
			})
			_, err := collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", UpdatedSince: from, UpdatedUntil: until})
			require.NoError(t, err)
			q := <-asked
			require.Equal(t, c.from, q.Get(c.since.Param))
			require.Equal(t, c.text, q.Get("to"))
		})
	}
}

// An exact end is written as it is, and one that clocks show twice as a time after both.
func TestWindow_EdgeTexts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		since rest.Since
		at    time.Time
		text  string
	}{
		{rest.Since{}, time.Date(2026, 7, 31, 22, 0, 0, 0, time.UTC), "2026-07-31T22:00:00Z"},
		{rest.Since{Format: time.DateOnly}, time.Date(2026, 7, 31, 0, 0, 0, 0, time.UTC), "2026-07-31"},
		{rest.Since{Format: rest.Unix}, time.Unix(1785537015, 0), "1785537015"},
		// 02:30 is shown at 00:30 and at 01:30 in UTC.
		{rest.Since{Format: time.DateTime, Zone: zone(t, "Europe/Paris")}, time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC), "2026-10-25 03:04:08"},
	} {
		c.since.Until, c.since.Param = "to", "from"
		asked := make(chan string, 1)
		client := serve(t, rest.Config{Since: c.since}, func(w http.ResponseWriter, r *http.Request) {
			asked <- r.URL.Query().Get("to")
			answer(200, jsonType, `{"rentals":[]}`)(w, r)
		})
		_, err := collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", UpdatedSince: c.at.Add(-time.Hour), UpdatedUntil: c.at})
		require.NoError(t, err)
		require.Equal(t, c.text, <-asked)
	}
}

func TestWindow_Longest(t *testing.T) {
	t.Parallel()
	const month = 30 * 24 * time.Hour
	for want, since := range map[time.Duration]rest.Since{
		month - 2*time.Second:               {Window: month},
		month - 3*time.Second:               {Window: month, Exclusive: true},
		month - 2*time.Millisecond:          {Window: month, Format: rest.UnixMilli},
		month - 48*time.Hour:                {Window: month, Format: time.DateOnly},
		month - 3*time.Hour - 2*time.Second: {Window: month, Format: time.DateTime, Zone: zone(t, "Europe/Paris")},
		0:                                   {},
	} {
		since.Param, since.Until = "from", "to"
		client, err := rest.NewClient(rest.Config{BaseURL: "https://example.com", Since: since, InFlight: 3})
		require.NoError(t, err)
		w, ends := client.Window()
		require.True(t, ends)
		require.Equal(t, remote.Window{Longest: want, InFlight: 3}, w)
	}
	client, err := rest.NewClient(rest.Config{BaseURL: "https://example.com"})
	require.NoError(t, err)
	_, ends := client.Window()
	require.False(t, ends)
}

func TestWindow_Refused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		config rest.Config
		want   string
	}{
		{rest.Config{Since: rest.Since{Window: time.Hour}}, "remote: since: Window without Until: name the parameter for the end of a window"},
		{rest.Config{Since: rest.Since{Until: "to", Window: -1}}, "remote: since: window -1ns: want 0 or more"},
		{rest.Config{Since: rest.Since{Until: "to", Header: "X-Since"}}, "remote: since: Header, and Until: want the beginning in a parameter as well"},
		{rest.Config{Since: rest.Since{Until: "t", Param: "t"}}, `remote: since: Param and Until are both "t"`},
		{rest.Config{Since: rest.Since{Until: "to", Window: 48 * time.Hour, Format: time.DateOnly}},
			`remote: since: window 48h0m0s: the times of format "2006-01-02" are up to 48h0m0s apart from what they stand for; want a longer window`},
		{rest.Config{Since: rest.Since{Until: "to", Window: time.Hour}, Conditional: true},
			"remote: since: Window, and Conditional: no page stands for the whole of a list that comes in windows"},
	} {
		c.config.BaseURL = "https://example.com"
		_, err := rest.NewClient(c.config)
		require.EqualError(t, err, c.want)
	}
}

// An end that can't be said, or that the request says itself, is an error before anything
// is asked.
func TestWindow_RequestRefused(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 7, 31, 22, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		since rest.Since
		query url.Values
		want  string
	}{
		{rest.Since{}, nil, "remote: the request has an end of time: name its parameter in rest.Since.Until"},
		{rest.Since{Until: "to", Window: time.Hour}, url.Values{"to": {"x"}}, "remote: the request's Query has updated_since or to, which rest.Since sets"},
	} {
		client := serve(t, rest.Config{Since: c.since}, answer(200, jsonType, `{"rentals":[]}`))
		_, err := collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", UpdatedSince: at, UpdatedUntil: at.Add(time.Minute), Query: c.query})
		require.EqualError(t, err, c.want)
	}
}
