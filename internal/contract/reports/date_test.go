package reports_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/strategy"
)

// hands is a clock that stands still unless it is turned.
type hands struct {
	sync.Mutex
	at time.Time
}

func (h *hands) Now() time.Time {
	h.Lock()
	defer h.Unlock()
	return h.at
}

func (h *hands) Sleep(_ context.Context, d time.Duration) error { h.turn(d); return nil }

func (h *hands) turn(d time.Duration) {
	h.Lock()
	defer h.Unlock()
	h.at = h.at.Add(d)
}

// The time that is stored is not later than what the answer shows, where the answer took
// long, or was made before a cache gave it.
func TestContract_C421_TheDateOfASlowAnswerAndOfACache(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		noon := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
		for name, c := range map[string]struct {
			source strategy.TimeSource
			took   time.Duration
			age    string
			record string // when the record changed
			want   time.Time
		}{
			"at once":                    {strategy.ResponseDate{}, 0, "", "", noon},
			"within a second":            {strategy.ResponseDate{}, 900 * time.Millisecond, "", "", noon},
			"slow":                       {strategy.ResponseDate{}, 30 * time.Second, "", "", noon.Add(-31 * time.Second)},
			"kept by a cache":            {strategy.ResponseDate{}, 0, "300", "", noon.Add(-5 * time.Minute)},
			"an age that is none":        {strategy.ResponseDate{}, 0, "old", "", noon},
			"of a record, slow":          {strategy.LargestValue{Attribute: "at"}, 30 * time.Second, "", "2026-03-04T11:59:50Z", noon.Add(-31 * time.Second)},
			"of a record, of a cache":    {strategy.LargestValue{Attribute: "at"}, 0, "300", "2026-03-04T11:59:50Z", noon.Add(-5 * time.Minute)},
			"of a record, before it all": {strategy.LargestValue{Attribute: "at"}, time.Minute, "60", "2026-03-04T11:00:00Z", noon.Add(-time.Hour)},
		} {
			t.Run(name, func(t *testing.T) {
				fresh(t, b)
				clock := &hands{at: noon}
				api := served(t, rest.Config{RecordsKey: rest.Root, Pagination: rest.OnePage{}, Clock: clock}, func(*http.Request) answer {
					clock.turn(c.took)
					a := answer{body: `[{"id":1,"name":"one","at":"` + c.record + `"}]`, header: date(noon)}
					if c.age != "" {
						a.header["Age"] = c.age
					}
					return a
				})
				d := since()
				d.API, d.Strategy = api, strategy.UpdatedSince{Fallbacks: []strategy.TimeSource{c.source}}
				require.Equal(t, c.want, harness.Sync(t, here(t, b, d), synced.NoScope).StoredTime.UTC())
			})
		}
	})
}

// So it is with a page that a cache gave a date of its own: what changed before the first
// page may not be on it.
func TestContract_C421_ALaterPageOfACache(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		noon := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
		api := served(t, rest.Config{RecordsKey: "things", Pagination: rest.Cursor{}, Record: rest.Record{Path: rest.None}}, func(r *http.Request) answer {
			a := answer{body: `{"things":` + list(1, 2) + `,"next_cursor":"abc"}`, header: date(noon)}
			if r.URL.Query().Get("cursor") == "abc" {
				a = answer{body: `{"things":` + list(3) + `,"next_cursor":null}`, header: date(noon)}
				a.header["Age"] = "300"
			}
			return a
		})
		notWhole(t, b, api, "page 2 was made 5m0s before the first, and a cache kept it", upTo(1, 4)...)
	})
}
