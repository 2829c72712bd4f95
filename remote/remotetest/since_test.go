package remotetest_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote/remotetest"
)

// changed is a server where record 1 is of 12:00:00 and record 2 of 12:01:00.
func changed(t *testing.T, config remotetest.Config) *remotetest.Server {
	t.Helper()
	config.Tick = -1
	srv := setup(t, config, 2)
	srv.Advance(time.Minute)
	srv.Collection("rentals").Update(2, remotetest.Record{"name": "New"})
	return srv
}

// since asks for changes.
func since(t *testing.T, srv *remotetest.Server, param, value string) reply {
	t.Helper()
	return get(t, srv, "", "/rentals?"+url.Values{param: {value}}.Encode())
}

func TestSince_Exclusive(t *testing.T) {
	t.Parallel()
	inclusive, exclusive := changed(t, remotetest.Config{}), changed(t, remotetest.Config{Since: remotetest.Since{Exclusive: true}})
	require.Equal(t, []int{2}, since(t, inclusive, "updated_since", "2026-01-01T12:01:00Z").ids)
	require.Empty(t, since(t, exclusive, "updated_since", "2026-01-01T12:01:00Z").ids)
	require.Equal(t, []int{2}, since(t, exclusive, "updated_since", "2026-01-01T12:00:59Z").ids)
}

func TestSince_NotUnderstood(t *testing.T) {
	t.Parallel()
	srv := changed(t, remotetest.Config{Since: remotetest.Since{Param: remotetest.None}})
	require.Equal(t, []int{1, 2}, since(t, srv, "updated_since", "2026-01-01T12:01:00Z").ids)

	const layout = "2006-01-02 15:04:05"
	strict := changed(t, remotetest.Config{Since: remotetest.Since{Format: layout}})
	lenient := changed(t, remotetest.Config{Since: remotetest.Since{Format: layout, Lenient: true}})
	require.Equal(t, []int{2}, since(t, strict, "updated_since", "2026-01-01 12:00:30").ids)
	require.Equal(t, []int{2}, since(t, lenient, "updated_since", "2026-01-01 12:00:30").ids)
	require.Equal(t, 422, since(t, strict, "updated_since", "2026-01-01T12:00:30Z").status)
	require.Equal(t, []int{1, 2}, since(t, lenient, "updated_since", "2026-01-01T12:00:30Z").ids)
}

func TestSince_LocalTime(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 2*60*60)
	srv := changed(t, remotetest.Config{Since: remotetest.Since{
		Param: "modified_after", Field: "modified", Format: "2006-01-02T15:04:05", Zone: zone,
	}})
	r := since(t, srv, "modified_after", "2026-01-01T14:00:30")
	require.Equal(t, []int{2}, r.ids)
	require.Contains(t, r.body, `"modified":"2026-01-01T14:01:00"`)
	require.Empty(t, since(t, srv, "modified_after", "2026-01-01T14:01:01").ids)
}

func TestSince_Unix(t *testing.T) {
	t.Parallel()
	srv := changed(t, remotetest.Config{Since: remotetest.Since{Format: remotetest.Unix, Field: "updated"}})
	r := since(t, srv, "updated_since", "1767268830")
	require.Equal(t, []int{2}, r.ids)
	require.Contains(t, r.body, `"updated":1767268860`)
	require.Equal(t, 422, since(t, srv, "updated_since", "2026-01-01T12:00:30Z").status)

	srv = changed(t, remotetest.Config{Since: remotetest.Since{Format: remotetest.UnixMilli}})
	r = since(t, srv, "updated_since", "1767268830000")
	require.Equal(t, []int{2}, r.ids)
	require.Contains(t, r.body, `"updated_at":1767268860000`)
}

func TestSince_Filter(t *testing.T) {
	t.Parallel()
	srv := changed(t, remotetest.Config{Since: remotetest.Since{Param: "filter", Filter: "updated>'%s'", Exclusive: true}})
	require.Equal(t, []int{2}, since(t, srv, "filter", "updated>'2026-01-01T12:00:00Z'").ids)
	for _, wrong := range []string{"updated>2026-01-01T12:00:00Z", "updated>'", "updated>'x'"} {
		require.Equal(t, 422, since(t, srv, "filter", wrong).status, wrong)
	}
	odata := changed(t, remotetest.Config{Since: remotetest.Since{Param: "$filter", Filter: "ModifiedOn ge %s"}})
	require.Equal(t, []int{2}, since(t, odata, "$filter", "ModifiedOn ge 2026-01-01T12:00:30Z").ids)
}

func TestSince_Retention(t *testing.T) {
	t.Parallel()
	srv := changed(t, remotetest.Config{Since: remotetest.Since{Retention: time.Hour}})
	require.Equal(t, 200, since(t, srv, "updated_since", "2026-01-01T11:01:00Z").status)
	require.Equal(t, 410, since(t, srv, "updated_since", "2026-01-01T11:00:59Z").status)
	require.Equal(t, 200, get(t, srv, "", "/rentals").status)
}

func TestDeletions(t *testing.T) {
	t.Parallel()
	deleted := func(d remotetest.Deletions, style remotetest.Style) *remotetest.Server {
		srv := changed(t, remotetest.Config{Deletions: d, Style: style})
		srv.Collection("rentals").Delete(1)
		require.Equal(t, 1, srv.Collection("rentals").Len())
		require.Equal(t, []any{int64(2)}, srv.Collection("rentals").IDs())
		return srv
	}
	const before, at = "2026-01-01T12:00:30Z", `"2026-01-01T12:01:00Z"`

	srv := deleted(remotetest.Deletions{IDs: "removed.ids"}, remotetest.Style{})
	require.True(t, strings.HasSuffix(since(t, srv, "updated_since", before).body, `"meta":{},"removed":{"ids":[1]}}`))
	srv = deleted(remotetest.Deletions{IDs: "deleted"}, remotetest.Style{Records: "data"})
	require.Contains(t, since(t, srv, "updated_since", before).body, `"deleted":[1]`)

	srv = deleted(remotetest.Deletions{IDs: remotetest.None, Status: 410}, remotetest.Style{})
	require.Nil(t, since(t, srv, "updated_since", before).deleted)
	require.Equal(t, 410, get(t, srv, "", "/rentals/1").status)
	require.Equal(t, 404, get(t, srv, "", "/rentals/7").status)

	srv = deleted(remotetest.Deletions{Endpoint: "deleted"}, remotetest.Style{Records: remotetest.Root})
	require.Equal(t, `[{"deleted_at":`+at+`,"id":1}]`, get(t, srv, "", "/rentals/deleted?updated_since="+before).body)
	require.Equal(t, `[]`, get(t, srv, "", "/rentals/deleted?updated_since=2026-01-01T12:01:01Z").body)
	require.Equal(t, 404, get(t, srv, "", "/villas/deleted").status)

	srv = deleted(remotetest.Deletions{Tombstone: "deleted_at"}, remotetest.Style{})
	r := since(t, srv, "updated_since", before)
	require.Equal(t, []int{1, 2}, r.ids)
	require.Nil(t, r.deleted)
	require.Contains(t, r.body, `{"deleted_at":`+at+`,"id":1,"name":"Villa`)
	require.Equal(t, []int{1, 2}, get(t, srv, "", "/rentals").ids)
	require.Equal(t, 404, get(t, srv, "", "/rentals/1").status)
	srv.Collection("rentals").Put(remotetest.Record{"id": 1})
	require.Equal(t, []int{2, 1}, get(t, srv, "", "/rentals").ids)
	require.NotContains(t, get(t, srv, "", "/rentals").body, "deleted_at")
}

// A list with windows wants both times, not too far apart, and lists what changed in
// between, the end included or not.
func TestSince_Windows(t *testing.T) {
	t.Parallel()
	srv := changed(t, remotetest.Config{Since: remotetest.Since{Param: "from", Until: "to", Window: time.Hour}})
	ask := func(srv *remotetest.Server, from, to string) reply {
		return get(t, srv, "", "/rentals?"+url.Values{"from": {from}, "to": {to}}.Encode())
	}
	require.Equal(t, []int{1, 2}, ask(srv, "2026-01-01T12:00:00Z", "2026-01-01T12:01:00Z").ids)
	require.Equal(t, []int{1}, ask(srv, "2026-01-01T12:00:00Z", "2026-01-01T12:00:59Z").ids)
	require.Equal(t, []int{2}, ask(srv, "2026-01-01T12:00:01Z", "2026-01-01T13:00:01Z").ids)
	require.Equal(t, 400, ask(srv, "2026-01-01T12:00:00Z", "2026-01-01T13:00:01Z").status, "too long")
	require.Equal(t, 400, ask(srv, "2026-01-01T12:00:01Z", "2026-01-01T12:00:00Z").status)
	require.Equal(t, 422, ask(srv, "2026-01-01T12:00:01Z", "noon").status)
	require.Equal(t, 400, since(t, srv, "from", "2026-01-01T12:00:00Z").status, "no end")
	require.Equal(t, 400, since(t, srv, "x", "").status, "no times")
	exclusive := changed(t, remotetest.Config{Since: remotetest.Since{Param: "from", Until: "to", UntilExclusive: true}})
	require.Equal(t, []int{1}, ask(exclusive, "2026-01-01T12:00:00Z", "2026-01-01T12:01:00Z").ids)
	require.Equal(t, []int{1, 2}, since(t, exclusive, "x", "").ids, "where there is no longest span, the times may be left out")
}
