package reports_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/contract/harness"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/strategy"
)

// member belongs to a group: neither has an id that is its own.
type member struct {
	ID       int64       `db:"id"`
	SyncedID string      `db:"synced_id"`
	Email    string      `json:"email" db:"email"`
	Role     string      `json:"role" db:"role"`
	Data     synced.Data `db:"synced_data"`
}

// changing is an API whose one list is as the text says, and has each member of it under the
// parts of its id.
func changing(t *testing.T, list *atomic.Value) *rest.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		id, one := strings.CutPrefix(r.URL.Path, "/members/")
		if !one {
			fmt.Fprint(w, list.Load())
			return
		}
		group, email, _ := strings.Cut(id, "/")
		var objects []remote.Object
		if json.Unmarshal([]byte(list.Load().(string)), &objects) == nil {
			for _, o := range objects {
				of, _ := remote.Get[any](o, "group", "id")
				address, _ := remote.Get[string](o, "email")
				if url.PathEscape(fmt.Sprint(of)) == group && url.PathEscape(address) == email {
					w.Write(o.Raw())
					return
				}
			}
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(server.Close)
	api, err := rest.NewClient(rest.Config{BaseURL: server.URL, HTTP: server.Client(), RecordsKey: rest.Root, Pagination: rest.OnePage{}})
	require.NoError(t, err)
	return api
}

func TestReport_R56_C185_SeveralAttributesMakeTheID(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		var list atomic.Value
		d := synced.Synced[member]{
			Table: "members", ID: []string{"group.id", "email"}, Strategy: strategy.Full{}, Remove: synced.Destroy{}, API: changing(t, &list),
		}
		m := harness.Model(t, b, d)
		ids := func() []string { return b.Column(t, "SELECT synced_id FROM members ORDER BY id") }

		list.Store(`[{"group":{"id":7},"email":"ann","role":"a"},{"group":{"id":8},"email":"ann","role":"b"},
			{"group":{"id":"a/b"},"email":"c","role":"c"},{"group":{"id":"a"},"email":"b/c","role":"d"},{"group":{"id":"a%2Fb"},"email":"c","role":"e"}]`)
		require.Equal(t, 5, harness.Sync(t, m, synced.NoScope).Created)
		require.ElementsMatch(t, []string{"7/ann", "8/ann", "a%2Fb/c", "a/b%2Fc", "a%252Fb/c"}, ids())
		require.Equal(t, 5, harness.Sync(t, m, synced.NoScope).Unchanged)
		diff, err := m.Check(ctx, synced.NoScope)
		require.NoError(t, err)
		require.True(t, diff.Passed(), "%s", diff)
		_, err = m.Remap(ctx, synced.NoScope)
		require.NoError(t, err)

		list.Store(`[{"group":{"id":"7"},"email":"ann","role":"x"},{"group":{"id":"a/b"},"email":"c","role":"c"},{"group":{"id":"a"},"email":"b/c","role":"d"}]`)
		result := harness.Sync(t, m, synced.NoScope)
		require.Equal(t, harness.Counts{Updated: 1, Unchanged: 2, Removed: 2}, harness.CountsOf(result), "%s", result)
		row, err := m.Find(ctx, synced.NoScope, "7/ann")
		require.NoError(t, err)
		require.Equal(t, "x", row.Role)
		_, err = m.Find(ctx, synced.NoScope, "7")
		require.ErrorContains(t, err, "{group.id}/{email}")

		list.Store(`[{"group":{"id":null},"email":"ann","role":"x"}]`)
		_, err = m.Synchronize(ctx, synced.NoScope)
		require.ErrorContains(t, err, "group.id: null can't be a part of the remote id")
		list.Store(`[{"email":"ann","role":"x"}]`)
		_, err = m.Synchronize(ctx, synced.NoScope)
		require.ErrorContains(t, err, "group.id: the record has no such attribute")
		require.Len(t, ids(), 3)

		for _, c := range []struct {
			ids  []string
			want string
		}{{[]string{"email"}, "`json:\"email\"`"}, {[]string{"email", "email"}, "twice"}, {[]string{"email", ""}, "no name"}, {nil, "set ID or IDOf"}} {
			d.ID = c.ids
			_, err := synced.New(ctx, b.DB, d)
			require.ErrorContains(t, err, c.want)
		}
	})
}

func TestReport_R60_C186_AFunctionMakesTheID(t *testing.T) {
	harness.OnBoth(t, func(t *testing.T, b *harness.Bundle) {
		ctx := context.Background()
		var list atomic.Value
		m := harness.Model(t, b, synced.Synced[member]{
			Table: "members", Strategy: strategy.Full{}, Remove: synced.Destroy{}, API: changing(t, &list),
			IDOf: func(o remote.Object) (string, error) {
				switch id, err := remote.Get[string](o, "Id"); {
				case err != nil:
					return "", err
				case id == "bad":
					return "", errors.New("no such letters")
				default:
					return id[:15], nil
				}
			},
		})
		list.Store(`[{"Id":"001D000000IRFma","email":"a","role":"r"}]`)
		require.Equal(t, 1, harness.Sync(t, m, synced.NoScope).Created)
		list.Store(`[{"Id":"001D000000IRFmaIAH","email":"b","role":"r"}]`)
		require.Equal(t, harness.Counts{Updated: 1}, harness.CountsOf(harness.Sync(t, m, synced.NoScope)))
		require.Equal(t, []string{"001D000000IRFma"}, b.Column(t, "SELECT synced_id FROM members"))
		for object, want := range map[string]string{`{"Id":"bad"}`: "IDOf: no such letters", `{"Id":"short"}`: "IDOf: panic:"} {
			list.Store("[" + object + "]")
			_, err := m.Synchronize(ctx, synced.NoScope)
			require.ErrorContains(t, err, want)
		}
		require.Len(t, harness.All(t, m), 1)
	})
}
