package reports_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/strategy"
)

// changes declares things whose time to store is the largest of an attribute.
func changes(attribute string) synced.Synced[thing] {
	d := things()
	d.Remove = synced.KeepRows{}
	d.Strategy = strategy.UpdatedSince{Fallbacks: []strategy.TimeSource{strategy.LargestValue{Attribute: attribute}}}
	return d
}

// changed is a record with the time of its last change.
func changed(id int, at string) string {
	return fmt.Sprintf(`{"id":%d,"name":%q,"at":%s,"meta":{"at":%s}}`, id, at, at, at)
}

func TestReport_R08_R09_TheLargestTimeIsNotLaterThanTheAnswer(t *testing.T) {
	answered := time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
	unix := func(at time.Time) string { return fmt.Sprint(at.Unix()) }
	text := func(layout string) func(time.Time) string {
		return func(at time.Time) string { return fmt.Sprintf("%q", at.UTC().Format(layout)) }
	}
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, c := range map[string]struct {
			since     rest.Since
			attribute string
			write     func(time.Time) string
		}{
			"RFC 3339": {rest.Since{}, "at", text(time.RFC3339)},
			"in another zone": {rest.Since{}, "at", func(at time.Time) string {
				return fmt.Sprintf("%q", at.In(time.FixedZone("", 7200)).Format(time.RFC3339))
			}},
			"a path":       {rest.Since{}, "meta.at", text(time.RFC3339)},
			"Unix":         {rest.Since{Format: rest.Unix}, "at", unix},
			"Unix as text": {rest.Since{Format: rest.Unix}, "at", func(at time.Time) string { return `"` + unix(at) + `"` }},
			"milliseconds": {rest.Since{Format: rest.UnixMilli}, "at", func(at time.Time) string { return fmt.Sprint(at.UnixMilli()) }},
			"zoneless":     {rest.Since{Format: "2006-01-02T15:04:05"}, "at", text("2006-01-02T15:04:05")},
			"a space":      {rest.Since{Format: time.DateTime}, "at", text(time.DateTime)},
			"PocketBase":   {rest.Since{Format: "2006-01-02 15:04:05.000Z"}, "at", text("2006-01-02 15:04:05.000Z")},
			"Jira":         {rest.Since{Format: "2006-01-02T15:04:05.000-0700"}, "at", text("2006-01-02T15:04:05.000-0700")},
		} {
			for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
				t.Run(fmt.Sprintf("%s, %T", name, commit), func(t *testing.T) {
					fresh(t, b)
					at := func(of time.Duration) string { return c.write(answered.Add(of)) }
					// 1 is of the year 2099, and 3 of after the first page was read: so may be a
					// change of 4, whose page was read before.
					pages := []string{changed(4, at(-2*time.Hour)) + "," + changed(1, c.write(time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC))), changed(2, at(-time.Minute)) + "," + changed(3, at(2*time.Minute))}
					api := served(t, rest.Config{RecordsKey: "items", Pagination: rest.Cursor{}, Since: c.since}, func(r *http.Request) answer {
						a := answer{body: `{"items":[` + pages[0] + `],"next_cursor":"p2"}`, header: date(answered)}
						if r.URL.Query().Has("cursor") {
							a = answer{body: `{"items":[` + pages[1] + `],"next_cursor":null}`, header: date(answered.Add(5 * time.Minute))}
						}
						return a
					})
					d := changes(c.attribute)
					d.API, d.Commit = api, commit
					m := here(t, b, d)
					result := harness.Sync(t, m, synced.NoScope)
					require.Equal(t, answered, result.StoredTime.UTC(), result)
					// Nothing is later: the time is that of the records.
					pages = []string{changed(4, at(-2*time.Hour)), changed(2, at(-time.Minute))}
					fresh(t, b)
					result = harness.Sync(t, here(t, b, d), synced.NoScope)
					require.Equal(t, answered.Add(-time.Minute), result.StoredTime.UTC())
				})
			}
		}
	})
}

func TestReport_R30_AnAttributeThatNoRecordHas(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		api := served(t, rest.Config{RecordsKey: rest.Root, Pagination: rest.OnePage{}}, func(*http.Request) answer {
			return answer{body: "[" + changed(1, `"2026-01-01T00:00:00Z"`) + "]"}
		})
		for _, attribute := range []string{"typo", "meta.typo", "at.typo", "At", "typo.at"} {
			for _, strategies := range [][]strategy.TimeSource{{strategy.LargestValue{Attribute: attribute}}, {strategy.LargestValue{Attribute: attribute}, strategy.ResponseDate{}}} {
				fresh(t, b)
				d := things()
				d.API, d.Remove = api, synced.KeepRows{}
				d.Strategy = strategy.UpdatedSince{Fallbacks: strategies}
				m := here(t, b, d)
				for _, call := range []synced.Call{{}, {Commit: synced.Atomic{}}, {DryRun: true}} {
					_, err := m.Synchronize(ctx, synced.NoScope, call)
					require.ErrorContains(t, err, fmt.Sprintf("no record of the first page has the attribute %q", attribute))
					require.Empty(t, idsOf(t, m))
				}
			}
		}
	})
}

// One record whose time can't be read fails nothing: the others tell the time.
func TestReport_R30_ATimeThatCannotBeRead(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, bad := range map[string]string{"a text": `"soon"`, "a number": "5", "an object": "{}", "zero": `"0000-00-00 00:00:00"`, "empty": `""`, "a list": "[]", "true": "true"} {
			t.Run(name, func(t *testing.T) {
				fresh(t, b)
				records := changed(1, `"2026-01-01T00:00:00Z"`) + "," + changed(2, bad) + "," + changed(3, `"2026-01-02T00:00:00Z"`)
				api := served(t, rest.Config{RecordsKey: rest.Root, Pagination: rest.OnePage{}}, func(*http.Request) answer { return answer{body: "[" + records + "]"} })
				d := changes("at")
				d.API = api
				m := here(t, b, d)
				result := harness.Sync(t, m, synced.NoScope)
				require.Equal(t, 3, result.Created)
				require.Equal(t, []int{1, 2, 3}, idsOf(t, m))
				require.Equal(t, "2026-01-02T00:00:00Z", result.StoredTime.UTC().Format(time.RFC3339), result)

				// Where none can be read, the mistake is the declaration's.
				records = changed(2, bad)
				fresh(t, b)
				m = here(t, b, d)
				_, err := m.Synchronize(ctx, synced.NoScope)
				require.ErrorContains(t, err, "the time to store: ")
				require.ErrorContains(t, err, "at: ")
			})
		}
	})
}

// What a call's own query hides would be lost if its time counted.
func TestReport_R31_AQueryOfItsOwn(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		answered := time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
		api := served(t, rest.Config{RecordsKey: rest.Root, Pagination: rest.OnePage{}}, func(r *http.Request) answer {
			a := answer{body: list(1, 2), header: date(answered)}
			if r.URL.Query().Get("status") == "open" {
				a.body = list(1)
			}
			return a
		})
		query := url.Values{"status": {"open"}}
		for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
			fresh(t, b)
			d := since()
			d.API, d.Commit = api, commit
			m := here(t, b, d)
			result := harness.Sync(t, m, synced.NoScope, synced.Call{Ask: synced.Ask{Query: query}})
			require.Zero(t, result.StoredTime)
			require.Contains(t, result.NotStored, "the call's own query")
			result = harness.Sync(t, m, synced.NoScope)
			require.Zero(t, result.Since)
			require.Equal(t, answered, result.StoredTime.UTC())
			require.Equal(t, []int{1, 2}, idsOf(t, m))

			answered = answered.Add(time.Minute)
			result = harness.Sync(t, m, synced.NoScope, synced.Call{Ask: synced.Ask{Query: query}})
			require.Zero(t, result.StoredTime)
			result = harness.Sync(t, m, synced.NoScope)
			require.Equal(t, answered.Add(-time.Minute-strategy.DefaultTolerance), result.Since.UTC())

			// Nor does a complete run with it remove what it hides.
			result = harness.Sync(t, m, synced.NoScope, synced.Call{Ask: synced.Ask{Query: query}, Strategy: strategy.Full{}, Remove: synced.Destroy{}})
			require.Zero(t, result.Removed)
			require.Contains(t, result.Refused.Reason, "the call's own query")
			diff, err := m.Check(ctx, synced.NoScope, synced.Call{Ask: synced.Ask{Query: query}})
			require.NoError(t, err)
			result, err = m.Apply(ctx, synced.NoScope, diff, synced.Call{Remove: synced.Destroy{}})
			require.NoError(t, err)
			require.Zero(t, result.Removed)
			require.Contains(t, result.Refused.Reason, "the call's own query")
		}
	})
}

// What changed since may be one record whose time can't be read: it is written, and the
// result says why the time stays where it is.
func TestReport_R30_OnlyTimesThatCannotBeRead(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		records := changed(1, `"2026-01-01T00:00:00Z"`)
		api := served(t, rest.Config{RecordsKey: rest.Root, Pagination: rest.OnePage{}}, func(*http.Request) answer { return answer{body: "[" + records + "]"} })
		d := changes("at")
		d.API = api
		m := here(t, b, d)
		require.NotZero(t, harness.Sync(t, m, synced.NoScope).StoredTime)
		for bad, why := range map[string]string{
			changed(2, `"soon"`): "no record has a time that can be read: at: ",
			changed(2, "null"):   `no record has a time in "at"`,
			record(2):            `no record has a time in "at"`,
		} {
			records = bad
			result := harness.Sync(t, m, synced.NoScope)
			require.Zero(t, result.StoredTime)
			require.Contains(t, result.NotStored, why)
			require.Equal(t, "2025-12-31T23:59:55Z", result.Since.UTC().Format(time.RFC3339), "the time stayed, less the tolerance")
			require.Equal(t, []int{1, 2}, idsOf(t, m))
		}
		records = ""
		require.Empty(t, harness.Sync(t, m, synced.NoScope).NotStored)
	})
}
