package rest_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	require.NoError(t, err)
	return z
}

func TestSince_Dialects(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 7, 31, 22, 30, 15, 999_999_999, time.UTC)
	paris := zone(t, "Europe/Paris")
	cases := map[string]struct {
		since       rest.Since
		param, text string
	}{
		"default":             {rest.Since{}, "updated_since", "2026-07-31T22:30:15Z"},
		"a name":              {rest.Since{Param: "modified_after"}, "modified_after", "2026-07-31T22:30:15Z"},
		"fractions":           {rest.Since{Format: "2006-01-02T15:04:05.000Z07:00"}, "updated_since", "2026-07-31T22:30:15.999Z"},
		"unix":                {rest.Since{Format: rest.Unix}, "updated_since", "1785537015"},
		"unix, exclusive":     {rest.Since{Format: rest.Unix, Exclusive: true}, "updated_since", "1785537014"},
		"unixmilli":           {rest.Since{Format: rest.UnixMilli}, "updated_since", "1785537015999"},
		"millis, exclusive":   {rest.Since{Format: rest.UnixMilli, Exclusive: true}, "updated_since", "1785537015998"},
		"exclusive":           {rest.Since{Exclusive: true}, "updated_since", "2026-07-31T22:30:14Z"},
		"exclusive fractions": {rest.Since{Exclusive: true, Format: "2006-01-02 15:04:05.00"}, "updated_since", "2026-07-31 22:30:15.98"},
		"exclusive dates":     {rest.Since{Exclusive: true, Format: "2006-01-02"}, "updated_since", "2026-07-30"},
		"a filter":            {rest.Since{Param: "q", Filter: "updated>'%s' and x like '5%'"}, "q", "updated>'2026-07-31T22:30:15Z' and x like '5%'"},
		"a zone":              {rest.Since{Zone: paris, Format: time.DateTime}, "updated_since", "2026-08-01 00:30:15"},
		"a zone and a date":   {rest.Since{Zone: paris, Format: time.DateOnly}, "updated_since", "2026-08-01"},
		"a zone, told":        {rest.Since{Zone: paris}, "updated_since", "2026-08-01T00:30:15+02:00"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan string, 1)
			client := serve(t, rest.Config{Since: c.since}, func(w http.ResponseWriter, r *http.Request) {
				asked <- r.URL.Query().Get(c.param)
				answer(200, jsonType, `{"rentals":[]}`)(w, r)
			})
			_, err := collect(t, t.Context(), client, remote.Request{Endpoint: "rentals", UpdatedSince: at})
			require.NoError(t, err)
			require.Equal(t, c.text, <-asked)
		})
	}
}

func TestSince_Mistakes(t *testing.T) {
	t.Parallel()
	paris := zone(t, "Europe/Paris")
	for want, since := range map[string]rest.Since{
		`format "15:04:05" does not tell a time`:            {Format: time.TimeOnly},
		`format "Jan _2 15:04:05" does not tell a time`:     {Format: time.Stamp},
		`format "06-01-02 15:04" does not tell a time`:      {Format: "06-01-02 15:04"},
		`format "2006-01" does not tell a time`:             {Format: "2006-01"},
		`format "2006-01-02 03:04" does not tell a time`:    {Format: "2006-01-02 03:04"},
		`format "2006-01-02T04:05" does not tell a time`:    {Format: "2006-01-02T04:05"},
		`format "updated" does not tell a time`:             {Format: "updated"},
		`filter "updated>now": want %s once`:                {Filter: "updated>now"},
		`filter "a>%s or b>%s": want %s once`:               {Filter: "a>%s or b>%s"},
		`format unix has no zone: leave Zone out`:           {Format: rest.Unix, Zone: paris},
		`the format names a zone: leave Zone out`:           {Format: "2006-01-02T15:04:05Z", Zone: paris},
		`the format names a zone: leave Zone out, or write`: {Format: time.RFC1123, Zone: paris},
	} {
		_, err := rest.NewClient(rest.Config{BaseURL: "https://example.com", Since: since})
		require.ErrorContains(t, err, want)
	}
	for _, format := range []string{
		time.RFC3339, time.RFC3339Nano, time.DateTime, time.DateOnly, time.RFC1123, time.RFC1123Z, http.TimeFormat,
		"2006-01-02 03:04:05 PM", "20060102150405", "2006-01-02 15:04:05 UTC", "2006-01-02T15", "2006-002T15:04", rest.Unix, rest.UnixMilli,
	} {
		_, err := rest.NewClient(rest.Config{BaseURL: "https://example.com", Since: rest.Since{Format: format}})
		require.NoError(t, err, format)
	}
}

// readings are the times that a remote may take a local time to be: those at
// which its clocks show it, or, where they never do, by either offset.
func readings(text, layout string, z *time.Location) []time.Time {
	wall, err := time.Parse(layout, text)
	if err != nil {
		panic(err)
	}
	var valid, all []time.Time
	asked := map[int]bool{}
	for hours := -30; hours <= 30; hours += 2 {
		_, offset := wall.Add(time.Duration(hours) * time.Hour).In(z).Zone()
		if asked[offset] {
			continue
		}
		asked[offset] = true
		u := wall.Add(-time.Duration(offset) * time.Second)
		all = append(all, u)
		if _, then := u.In(z).Zone(); then == offset {
			valid = append(valid, u)
		}
	}
	if len(valid) > 0 {
		return valid
	}
	return all
}

func TestSince_NoReadingOfALocalTimeIsLater(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Europe/Paris", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "America/Havana",
		"Africa/Casablanca", "Asia/Beirut", "Antarctica/Troll", "Pacific/Apia", "Asia/Kolkata",
	} {
		z := zone(t, name)
		for layout, unit := range map[string]time.Duration{
			"2006-01-02T15:04:05.000": time.Millisecond, time.DateTime: time.Second, "2006-01-02T15:04": time.Minute,
			"2006-01-02 15": time.Hour, time.DateOnly: 24 * time.Hour,
		} {
			for _, exclusive := range []bool{false, true} {
				since := rest.Since{Zone: z, Format: layout, Exclusive: exclusive}
				check := func(at time.Time) {
					latest := at
					if exclusive {
						latest = at.Add(-unit)
					}
					text := since.Text(at)
					for _, u := range readings(text, layout, z) {
						if u.After(latest) {
							t.Fatalf("%s in %s is written %s, which may be read as %s", latest, name, text, u.UTC())
						}
						if at.Sub(u) > 2*unit+26*time.Hour {
							t.Fatalf("%s in %s is written %s, which is too long ago", at, name, text)
						}
					}
				}
				for _, year := range []int{1995, 2004, 2011, 2018, 2026, 2037} {
					// Around each change of the clocks, closely, and all year long.
					at := time.Date(year, 1, 1, 0, 0, 0, 123456789, time.UTC)
					for _, end := at.In(z).ZoneBounds(); !end.IsZero() && end.Year() <= year; _, end = end.ZoneBounds() {
						for d := -4 * time.Hour; d <= 4*time.Hour; d += 17*time.Minute + 13*time.Second {
							check(end.Add(d).UTC())
						}
						for _, d := range []time.Duration{0, -time.Nanosecond, time.Nanosecond, -time.Hour, -30 * time.Minute, -time.Hour - 1, time.Hour} {
							check(end.Add(d).UTC())
						}
					}
					for d := time.Duration(0); d < 365*24*time.Hour; d += 159*time.Hour + 7*time.Minute {
						check(at.Add(d))
					}
				}
			}
		}
	}
}

func FuzzSince(f *testing.F) {
	f.Add(int64(1785537015), int64(999_999_999), uint8(0), false)
	f.Add(int64(-1), int64(1), uint8(5), true)
	f.Add(int64(951782399), int64(500_000_000), uint8(3), false)
	formats := []string{
		time.RFC3339, time.RFC3339Nano, "2006-01-02T15:04:05.000Z07:00", "2006-01-02 15:04:05,999", "2006-01-02T15", time.DateOnly,
		http.TimeFormat, "2006-002 03:04 PM", rest.Unix, rest.UnixMilli,
	}
	f.Fuzz(func(t *testing.T, seconds, nanos int64, n uint8, exclusive bool) {
		at := time.Unix(seconds%(200*365*24*3600), nanos%1e9)
		format := formats[int(n)%len(formats)]
		since := rest.Since{Format: format, Exclusive: exclusive}
		_, err := rest.NewClient(rest.Config{BaseURL: "https://example.com", Since: since})
		require.NoError(t, err)
		text := since.Text(at)
		var read time.Time
		switch format {
		case rest.Unix, rest.UnixMilli:
			v, err := strconv.ParseInt(text, 10, 64)
			require.NoError(t, err)
			if read = time.Unix(v, 0); format == rest.UnixMilli {
				read = time.UnixMilli(v)
			}
		default:
			read, err = time.Parse(format, text)
			require.NoError(t, err)
		}
		require.False(t, read.After(at), "%s is written %s", at, text)
		require.True(t, !exclusive || read.Before(at), "%s is written %s", at, text)
		require.Less(t, at.Sub(read), 49*time.Hour)
	})
}
