package remotetest_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote/remotetest"
)

// body reads an answer.
func body(t *testing.T, srv *remotetest.Server, path string) map[string]any {
	t.Helper()
	r := get(t, srv, "", path)
	require.Equal(t, 200, r.status, "%s: %s", path, r.body)
	var v map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.body), &v))
	return v
}

// put fills a collection with records of these ids.
func put(srv *remotetest.Server, ids ...int) {
	for _, id := range ids {
		srv.Collection("rentals").Put(remotetest.Record{"id": id})
	}
}

func TestPositions_GoogleSync(t *testing.T) {
	t.Parallel()
	srv := remotetest.New(remotetest.Config{Style: remotetest.GoogleLike, Positions: remotetest.GoogleSync, PerPage: 2})
	defer srv.Close()
	put(srv, 1, 2, 3)
	first := body(t, srv, "/rentals")
	require.NotContains(t, first, "nextSyncToken")
	put(srv, 1) // behind the first page: it is told after the token
	last := body(t, srv, "/rentals?pageToken="+first["nextPageToken"].(string))
	require.NotContains(t, last, "nextPageToken")
	srv.Collection("rentals").Delete(2)
	put(srv, 3, 3)

	token := "/rentals?syncToken=" + url.QueryEscape(last["nextSyncToken"].(string))
	changed := body(t, srv, token)
	require.Equal(t, "[1 2]", fmt.Sprint(ids(changed["items"])))
	require.Equal(t, map[string]any{"id": 2., "status": "cancelled"}, changed["items"].([]any)[1])
	changed = body(t, srv, token+"&pageToken="+changed["nextPageToken"].(string))
	require.Equal(t, "[3]", fmt.Sprint(ids(changed["items"])), "once, as it is")
	changed = body(t, srv, "/rentals?syncToken="+changed["nextSyncToken"].(string))
	require.Empty(t, changed["items"])
	require.Equal(t, 410, get(t, srv, "", "/rentals?syncToken=nonsense").status)
}

func TestPositions_GraphDelta(t *testing.T) {
	t.Parallel()
	srv := remotetest.New(remotetest.Config{Style: remotetest.GraphLike, Positions: remotetest.GraphDelta, PerPage: 2})
	defer srv.Close()
	put(srv, 1, 2)
	link := body(t, srv, "/rentals")["@odata.deltaLink"].(string)
	path := strings.TrimPrefix(link, srv.URL())
	require.NotEqual(t, link, path)
	put(srv, 1)
	srv.Collection("rentals").Delete(1)
	changed := body(t, srv, path)
	require.Equal(t, "[1 1]", fmt.Sprint(ids(changed["value"])), "each change")
	require.Contains(t, changed["value"].([]any)[1], "@removed")
	srv.Advance(8 * 24 * time.Hour)
	require.Equal(t, 410, get(t, srv, "", path).status)
	require.Panics(t, func() { remotetest.New(remotetest.Config{Positions: remotetest.GoogleSync}) }, "without cursors")
}

func TestEvents_StripeEvents(t *testing.T) {
	t.Parallel()
	srv := remotetest.New(remotetest.Config{Style: remotetest.StripeLike, Events: remotetest.StripeEvents, PerPage: 2, Quirks: remotetest.Quirks{Strict: true}})
	defer srv.Close()
	put(srv, 1, 2)
	srv.Collection("guests").Put(remotetest.Record{"id": 1})
	srv.Advance(time.Hour)
	since := srv.Now().Unix()
	put(srv, 1)
	srv.Collection("rentals").Delete(2)

	first := body(t, srv, "/events")
	require.Equal(t, "[evt_5 evt_4]", fmt.Sprint(ids(first["data"])), "newest first")
	deleted := first["data"].([]any)[0].(map[string]any)
	require.Equal(t, "rentals.deleted", deleted["type"])
	require.Equal(t, float64(since), deleted["created"])
	require.Equal(t, 2., at(deleted, "data", "object", "id"))
	require.Equal(t, true, first["has_more"])
	require.Equal(t, "[evt_3 evt_2]", fmt.Sprint(ids(body(t, srv, "/events?starting_after=evt_4")["data"])))
	require.Equal(t, "[evt_3]", fmt.Sprint(ids(body(t, srv, "/events?types[]=guests.created&types[]=guests.deleted")["data"])))
	require.Equal(t, "[evt_5 evt_4]", fmt.Sprint(ids(body(t, srv, fmt.Sprint("/events?created[gte]=", since))["data"])))
	require.Equal(t, 400, get(t, srv, "", fmt.Sprint("/rentals?created[gte]=", since)).status)
	srv.Advance(30 * 24 * time.Hour)
	require.Empty(t, body(t, srv, "/events")["data"])
}

func TestEvents_FromAPosition(t *testing.T) {
	t.Parallel()
	srv := remotetest.New(remotetest.Config{Style: remotetest.Style{By: remotetest.ByCursor, Records: "items", NextParam: "next"},
		Positions: remotetest.Positions{Path: "at", Param: "from"}, Events: remotetest.Events{Endpoint: "changes", Start: "changes/start", Record: "record", IDOnly: true}})
	defer srv.Close()
	put(srv, 1, 2)
	start := body(t, srv, "/changes/start")
	require.NotContains(t, body(t, srv, "/rentals"), "at")
	put(srv, 2, 2)
	changed := body(t, srv, "/changes?from="+start["at"].(string))
	require.Len(t, changed["items"], 2)
	require.Equal(t, map[string]any{"id": 2.}, at(changed["items"].([]any)[0].(map[string]any), "record"))
	require.Empty(t, body(t, srv, "/changes?from="+changed["at"].(string))["items"])
}

// ids are those of a list.
func ids(list any) (found []any) {
	for _, r := range list.([]any) {
		found = append(found, r.(map[string]any)["id"])
	}
	return found
}
