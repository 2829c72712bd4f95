package check_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/strategy"
)

// tagged is a list whose first page has an ETag of all its bytes.
type tagged struct {
	mu      sync.Mutex
	pages   []string // the records of each
	fail    int      // the page that fails
	bare    bool     // there is no ETag
	conds   []string // If-None-Match of the first pages
	answers int
}

func (l *tagged) set(pages ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pages = pages
}

func (l *tagged) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if id, one := strings.CutPrefix(r.URL.Path, "/rentals/"); one {
		l.one(w, id)
		return
	}
	l.answers++
	page := 1
	_, _ = fmt.Sscan(r.URL.Query().Get("page"), &page)
	h := fnv.New64a()
	_, _ = h.Write([]byte(strings.Join(l.pages, "|")))
	tag := fmt.Sprintf(`"%x"`, h.Sum64())
	w.Header().Set("X-Updated-Since-Request-Synced-At", remotetest.Start.Format("2006-01-02 15:04:05 UTC"))
	if page == 1 && l.bare {
		l.conds = append(l.conds, r.Header.Get("If-None-Match"))
	} else if page == 1 {
		l.conds = append(l.conds, r.Header.Get("If-None-Match"))
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	if page == l.fail {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if page < len(l.pages) {
		w.Header().Set("Link", fmt.Sprintf(`<?page=%d>; rel="next"`, page+1))
	}
	_, _ = fmt.Fprintf(w, `{"rentals":[%s],"meta":{"deleted_ids":[]}}`, l.pages[page-1])
}

// one answers with a record of the list.
func (l *tagged) one(w http.ResponseWriter, id string) {
	for record := range strings.SplitSeq(strings.ReplaceAll(strings.Join(l.pages, ","), "},{", "}\n{"), "\n") {
		if strings.HasPrefix(record, `{"id":`+id+",") {
			_, _ = fmt.Fprintf(w, `{"rentals":[%s]}`, record)
			return
		}
	}
	w.WriteHeader(http.StatusNotFound)
}

// asked says whether the last run asked with a condition.
func (l *tagged) asked() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.conds[len(l.conds)-1] != ""
}

// conditional is a list on two pages, and an API that is asked with conditions.
func conditional(t *testing.T, d *synced.Synced[harness.Rental]) *tagged {
	t.Helper()
	l := &tagged{pages: []string{`{"id":1,"name":"one"},{"id":2,"name":"two"}`, `{"id":3,"name":"three"}`}}
	srv := httptest.NewServer(l)
	t.Cleanup(srv.Close)
	api, err := rest.NewClient(rest.Config{BaseURL: srv.URL, HTTP: srv.Client(), Conditional: true, Retry: wire.Retry{Max: -1}})
	require.NoError(t, err)
	d.API = api
	return l
}

func TestConditional_OneRequestWhereNothingChanged(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprint(commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				d := harness.Rentals()
				d.Remove, d.Commit = synced.Destroy{}, commit
				l := conditional(t, &d)
				rentals := harness.Model(t, b, d)
				require.Equal(t, harness.Counts{Created: 3}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
				for range 2 {
					before := l.answers
					result := harness.Sync(t, rentals, synced.In(1))
					require.Equal(t, harness.Counts{}, harness.CountsOf(result))
					require.Equal(t, 1, result.Requests)
					require.Equal(t, before+1, l.answers)
					require.True(t, result.NotModified)
					require.Zero(t, result.Records)
					require.Nil(t, result.Refused)
					require.Contains(t, result.String(), "; not modified")
				}
				// With leave to remove everything, too: nothing is absent.
				require.Zero(t, harness.Sync(t, rentals, synced.In(1), synced.Call{AllowRemoval: true}).Removed)
				require.Len(t, harness.Names(t, rentals, synced.In(1)), 3)
				require.Equal(t, harness.Counts{Created: 3}, harness.CountsOf(harness.Sync(t, rentals, synced.In(2))), "of another scope")
				require.False(t, l.asked())

				l.set(`{"id":1,"name":"ONE"},{"id":2,"name":"two"}`)
				result := harness.Sync(t, rentals, synced.In(1))
				require.Equal(t, harness.Counts{Updated: 1, Unchanged: 1, Removed: 1}, harness.CountsOf(result))
				require.True(t, l.asked())
				require.True(t, harness.Sync(t, rentals, synced.In(1)).NotModified)
			})
		})
	}
}

func TestConditional_AsksForEverythingAgain(t *testing.T) {
	full := synced.Call{Strategy: strategy.Full{}}
	cases := map[string]struct {
		before func(t *testing.T, b *harness.Bundle, l *tagged, d *synced.Synced[harness.Rental])
		call   synced.Call
	}{
		"a mapping that changed": {before: func(_ *testing.T, _ *harness.Bundle, _ *tagged, d *synced.Synced[harness.Rental]) { d.MapVersion = 7 }},
		"a removal that changed": {before: func(_ *testing.T, _ *harness.Bundle, _ *tagged, d *synced.Synced[harness.Rental]) {
			d.Remove = synced.Destroy{}
		}},
		"a tombstone": {before: func(_ *testing.T, _ *harness.Bundle, _ *tagged, d *synced.Synced[harness.Rental]) {
			d.Tombstone = func(remote.Object) bool { return false }
		}},
		"other fields":          {call: synced.Call{Ask: synced.Ask{Fields: []string{"id", "name", "surface", "price", "bedrooms_count"}}}},
		"other related data":    {call: synced.Call{Ask: synced.Ask{Include: []string{"photos"}}}},
		"a query of the call's": {call: synced.Call{Ask: synced.Ask{Query: map[string][]string{"status": {"open"}}}}},
		"a check":               {call: synced.Call{Strategy: strategy.Check{}}},
		"a dry run":             {call: synced.Call{DryRun: true}},
		"a row edited here": {before: func(t *testing.T, b *harness.Bundle, _ *tagged, _ *synced.Synced[harness.Rental]) {
			b.Execute(t, "UPDATE rentals SET name = 'edited' WHERE synced_id = 2")
		}},
		"records given meanwhile": {before: func(t *testing.T, b *harness.Bundle, _ *tagged, d *synced.Synced[harness.Rental]) {
			harness.Sync(t, harness.Bind(t, b, *d), synced.In(1), synced.Call{Records: []remote.Object{harness.Object(t, map[string]any{"id": 1, "name": "given"})}})
		}},
		"changes meanwhile": {before: func(t *testing.T, b *harness.Bundle, l *tagged, d *synced.Synced[harness.Rental]) {
			was := l.pages
			l.set(`{"id":1,"name":"changed"}`)
			call := synced.Call{Strategy: strategy.UpdatedSince{Initial: remotetest.Start}}
			require.Equal(t, 1, harness.Sync(t, harness.Bind(t, b, *d), synced.In(1), call).Updated)
			l.set(was...) // and back again, which no run has seen
		}},
		"a run that failed meanwhile": {before: func(t *testing.T, b *harness.Bundle, l *tagged, d *synced.Synced[harness.Rental]) {
			was := l.pages
			l.set(`{"id":1,"name":"changed"}`, `{}`, `{}`)
			l.fail = 2
			_, err := harness.Bind(t, b, *d).Synchronize(context.Background(), synced.In(1))
			require.ErrorIs(t, err, remote.ErrUnavailable)
			require.Equal(t, "changed", harness.Names(t, harness.Bind(t, b, *d), synced.In(1))[0])
			l.fail = 0
			l.set(was...)
		}},
		"a reset": {before: func(t *testing.T, b *harness.Bundle, _ *tagged, d *synced.Synced[harness.Rental]) {
			require.NoError(t, harness.Bind(t, b, *d).Reset(context.Background(), synced.In(1)))
			require.ErrorIs(t, harness.Bind(t, b, *d).Reset(context.Background(), synced.In(1)), synced.ErrNothingToReset)
		}},
		"a reset of every scope": {before: func(t *testing.T, b *harness.Bundle, _ *tagged, d *synced.Synced[harness.Rental]) {
			require.NoError(t, harness.Bind(t, b, *d).Reset(context.Background(), synced.NoScope))
		}},
		"an updated-since run": {before: func(t *testing.T, b *harness.Bundle, _ *tagged, d *synced.Synced[harness.Rental]) {
			d.Strategy = strategy.UpdatedSince{Initial: remotetest.Start}
		}},
		"nothing at all": {call: full},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				d := harness.Rentals()
				l := conditional(t, &d)
				harness.Sync(t, harness.Model(t, b, d), synced.In(1))
				require.True(t, harness.Sync(t, harness.Bind(t, b, d), synced.In(1)).NotModified)
				if c.before != nil {
					c.before(t, b, l, &d)
				}
				rentals := harness.Bind(t, b, d)
				result := harness.Sync(t, rentals, synced.In(1), c.call)
				require.Equal(t, name == "nothing at all", l.asked())
				require.Equal(t, l.asked(), result.NotModified)
				if result.Diff == nil {
					require.Equal(t, []string{"one", "two", "three"}, harness.Names(t, rentals, synced.In(1)))
				}
			})
		})
	}
}

func TestConditional_KeepsNoValidator(t *testing.T) {
	cases := map[string]struct {
		declare func(d *synced.Synced[harness.Rental], l *tagged)
		model   func(testing.TB, *harness.Bundle, synced.Synced[harness.Rental]) *synced.Model[harness.Rental]
		kept    bool
	}{
		"of a good run":                   {kept: true},
		"of a table without fingerprints": {model: harness.Unguarded[harness.Rental]},
		"of a run that left something in quarantine": {declare: func(d *synced.Synced[harness.Rental], l *tagged) {
			d.Invalid = synced.Quarantine{}
			l.set(`{"id":1,"name":"one"},{"id":2,"name":{}}`)
		}},
		"of a list that is empty": {declare: func(_ *synced.Synced[harness.Rental], l *tagged) { l.set("") }},
		"of an updated-since run": {declare: func(d *synced.Synced[harness.Rental], _ *tagged) {
			d.Strategy = strategy.UpdatedSince{Initial: remotetest.Start}
		}},
		"but of a first one it does": {kept: true, declare: func(d *synced.Synced[harness.Rental], _ *tagged) { d.Strategy = strategy.UpdatedSince{} }},
		"of a run that was refused a removal": {declare: func(d *synced.Synced[harness.Rental], _ *tagged) {
			d.Remove = synced.Destroy{Limit: 0.01}
		}, model: func(t testing.TB, b *harness.Bundle, d synced.Synced[harness.Rental]) *synced.Model[harness.Rental] {
			m := harness.Model(t, b, d)
			for i := range 200 {
				b.Execute(t, "INSERT INTO rentals (account_id, synced_id, name, notes) VALUES (1, ?, 'x', '')", 1000+i)
			}
			return m
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				d := harness.Rentals()
				l := conditional(t, &d)
				if c.declare != nil {
					c.declare(&d, l)
				}
				make := harness.Model[harness.Rental]
				if c.model != nil {
					make = c.model
				}
				harness.Sync(t, make(t, b, d), synced.In(1))
				require.Equal(t, c.kept, len(b.Column(t, "SELECT validator FROM synced_validators")) == 1)
			})
		})
	}
}

// A run that only removes rows makes them differ from the list that the validator
// stands for. When the remote's list becomes that list again, it must be read.
func TestConditional_RemovalForgetsTheValidator(t *testing.T) {
	for _, commit := range []synced.Commit{synced.PerPage{}, synced.Atomic{}} {
		t.Run(fmt.Sprint(commit), func(t *testing.T) {
			harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
				d := harness.Rentals()
				d.Remove, d.Commit = synced.Destroy{}, commit
				l := conditional(t, &d)
				whole := l.pages
				rentals := harness.Model(t, b, d)
				require.Equal(t, harness.Counts{Created: 3}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
				l.set(whole[0])
				l.bare = true
				require.Equal(t, harness.Counts{Unchanged: 2, Removed: 1}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
				require.True(t, l.asked())
				l.set(whole...)
				l.bare = false
				require.Equal(t, harness.Counts{Created: 1, Unchanged: 2}, harness.CountsOf(harness.Sync(t, rentals, synced.In(1))))
			})
		})
	}
}

// A canceled row has no fingerprint, and needs none.
func TestConditional_CanceledRows(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		of := harness.Rentals()
		l := conditional(t, &of)
		d := harness.Bookings()
		d.API = of.API
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		l.set(`{"id":1,"name":"one"},{"id":2,"name":"two"}`)
		require.Equal(t, 1, harness.Sync(t, rentals, synced.In(1)).Removed)
		require.True(t, harness.Sync(t, rentals, synced.In(1)).NotModified)
	})
}

// A remote that claims what it was not asked removes nothing.
func TestConditional_AnAnswerToNoQuestion(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		b.Put("one", "two")
		d := harness.Rentals()
		d.Remove = synced.Destroy{}
		rentals := harness.Model(t, b, d)
		harness.Sync(t, rentals, synced.In(1))
		for _, pages := range [][]*remote.Page{
			{{Number: 1, NotModified: true}},
			{{Number: 1, Objects: []remote.Object{harness.Object(t, map[string]any{"id": 1, "name": "one"})}, More: true}, {Number: 2, NotModified: true}},
		} {
			api := remote.Func(func(context.Context, remote.Request) iter.Seq2[*remote.Page, error] {
				return func(yield func(*remote.Page, error) bool) {
					for _, p := range pages {
						if !yield(p, nil) {
							return
						}
					}
				}
			})
			_, err := rentals.Synchronize(context.Background(), synced.In(1), synced.Call{API: api, AllowRemoval: true})
			require.ErrorContains(t, err, "the remote answered that nothing was modified (304), which it was not asked")
			require.Len(t, harness.Names(t, rentals, synced.In(1)), 2)
		}
	})
}
