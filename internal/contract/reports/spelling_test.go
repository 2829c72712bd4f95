package reports_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
)

// An invalid record hides nothing of what stands beside the list.
func TestContract_C425_AnInvalidRecordAndAnotherPage(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := things()
		d.Invalid = synced.Quarantine{}
		d.API = served(t, rest.Config{RecordsKey: "items"}, func(*http.Request) answer {
			return answer{body: `{"items":[{"id":1,"name":"one","price":NaN},{"id":2,"name":"two"}],"next_cursor":"abc"}`}
		})
		m := here(t, b, d, 1, 2, 3)
		_, err := m.Synchronize(ctx, synced.NoScope)
		require.ErrorIs(t, err, remote.ErrPagesUnread)
		require.Equal(t, upTo(1, 3), idsOf(t, m))
	})
}

// A byte order mark before the JSON means nothing.
func TestContract_C425_AByteOrderMark(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		d := things()
		d.API = served(t, rest.Config{RecordsKey: "items", Pagination: rest.OnePage{}}, func(*http.Request) answer {
			return answer{body: "\ufeff" + `{"items":` + list(1, 2) + `}`}
		})
		m := here(t, b, d)
		require.Equal(t, 2, harness.Sync(t, m, synced.NoScope).Created)
	})
}

// Lists of deleted ids may spell integers as texts, where records don't.
func TestContract_C426_DeletedIDsInAnotherSpelling(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		for name, c := range map[string]struct {
			ids  string
			left []int
		}{
			"texts":             {`["2","3"]`, []int{1, 4}},
			"with a fraction":   {`[2.0,"3"]`, []int{1, 4}},
			"as records":        {`[2,3]`, []int{1, 4}},
			"unknown":           {`["77"]`, upTo(1, 4)},
			"zeros before":      {`["002"]`, nil},
			"another fraction":  {`[2.5]`, nil},
			"something else":    {`["2","x"]`, nil},
			"beyond an integer": {`["9223372036854775808"]`, nil},
		} {
			t.Run(name, func(t *testing.T) {
				fresh(t, b)
				asked := 0
				d := since()
				d.Remove = synced.Destroy{}
				d.API = served(t, rest.Config{RecordsKey: "items", Pagination: rest.OnePage{}}, func(*http.Request) answer {
					if asked++; asked == 1 {
						return answer{body: `{"items":` + list(1, 2, 3, 4) + `,"meta":{"deleted_ids":[]}}`}
					}
					return answer{body: `{"items":[],"meta":{"deleted_ids":` + c.ids + `}}`}
				})
				m := here(t, b, d)
				harness.Sync(t, m, synced.NoScope)
				_, err := m.Synchronize(ctx, synced.NoScope)
				if c.left == nil {
					require.ErrorContains(t, err, "deleted id no. ")
					c.left = upTo(1, 4)
				} else {
					require.NoError(t, err)
				}
				require.Equal(t, c.left, idsOf(t, m))
			})
		}
	})
}
