package rest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
)

func TestTarget(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]struct{ base, endpoint, list string }{
		"https://example.com/api/v3/rentals":                     {"https://example.com/api/v3", "rentals", "rentals"},
		"https://example.com/wp-json/wp/v2/posts/":               {"https://example.com/wp-json/wp/v2", "posts/", "posts"},
		"https://api.github.com/repos/acme/app/issues":           {"https://api.github.com", "repos/acme/app/issues", "issues"},
		"https://shop.example.com/admin/api/2025-01/orders.json": {"https://shop.example.com/admin/api/2025-01", "orders.json", "orders"},
		"https://example.com/v1/projects/acme%2Fapp/issues":      {"https://example.com/v1", "projects/acme%2Fapp/issues", "issues"},
		"https://example.com/bot7f3a9c1e5b2d4f6a8b1c/updates":    {"https://example.com/bot7f3a9c1e5b2d4f6a8b1c", "updates", "updates"},
		"https://example.com/api/2/repos/7/issues/1/comments":    {"https://example.com/api/2", "repos/7/issues/1/comments", "comments"},
		"http://localhost:8080/api":                              {"http://localhost:8080", "api", "api"},
	} {
		got, err := newTarget(raw)
		require.NoError(t, err)
		require.Equal(t, want.base, got.base)
		require.Equal(t, want.endpoint, got.endpoint)
		require.Equal(t, want.list, got.list())
	}
	got, err := newTarget("https://example.com/bot7f3a9c1e5b2d4f6a8b1c/v1/items?state=all&token=x&page=2&updated_after=2026-01-02T03:04:05Z&created_after=2025-01-01&limit=20&cursor=abc&sort=-id")
	require.NoError(t, err)
	require.Equal(t, "https://example.com/…/v1", got.shownBase())
	require.Equal(t, `"token"`, got.hiddenNames())
	require.Equal(t, `"created_after"`, got.times())
	require.Equal(t, "limit=20&sort=-id&state=all&updated_after=2026-01-02T03%3A04%3A05Z", got.query.Encode())
	require.Equal(t, Since{Param: "updated_after", Exclusive: true}, got.since)
}

func TestNamesOfFields(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]string{
		"updated_at": {"UpdatedAt", "updated_at"}, "updatedAt": {"UpdatedAt", "updated_at"}, "attributes.full-name": {"FullName", "full_name"},
		"HTMLUrl": {"Htmlurl", "htmlurl"}, "owner_id": {"OwnerID", "owner_id"}, "1st": {"Field1st", "field_1st"}, "日本": {"Field", "field"}, "@odata.etag": {"OdataEtag", "odata_etag"},
	} {
		require.Equal(t, want, [2]string{goName(name), columnOf(name)}, name)
	}
	require.Equal(t, "category", singular("categories"))
	require.Equal(t, "address", singular("addresses"))
	require.Equal(t, "status", singular("status"))
}

// A list whose records show less is not taken for more.
func TestShape(t *testing.T) {
	t.Parallel()
	shapeOfAll := func(records ...string) *shape {
		var values []remote.Value
		for _, r := range records {
			values = append(values, remote.Value(r))
		}
		return shapeOf(values)
	}
	s := shapeOfAll(`{"id":1,"rental_id":7,"seen_at":1767323045,"n":1767323045,"price":1.5,"updated":"2026-01-02"}`, `{"id":1,"rental_id":8,"seen_at":1767323046,"n":1,"price":2,"updated":null}`)
	require.Equal(t, "rental_id", s.id("rentals").path, "an id has another value in each record")
	require.Equal(t, "unix", s.find("seen_at").layout())
	require.Empty(t, s.find("n").layout())
	require.Equal(t, "updated", s.changed().path)
	typ, tags := s.find("updated").goType(s)
	require.Equal(t, `*time.Time time:"2006-01-02"`, typ+tags)
	require.Nil(t, shapeOfAll(`{"name":"a"}`, `{"name":"b"}`).id("rentals"))
	s = shapeOfAll(`{"node":{"id":"a"},"cursor":"x"}`, `{"node":{"id":"b"},"cursor":"y"}`)
	require.Equal(t, "node", s.wrapped("rentals"))
	deleted, state := shapeOfAll(`{"id":1,"status":"deleted"}`).deleted()
	require.Equal(t, "status deleted", deleted.path+" "+state)
	deleted, _ = shapeOfAll(`{"id":1,"status":"open","removed":3}`).deleted()
	require.Nil(t, deleted)
}
