package rest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
)

func TestFeed_SaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	feed := rest.Feed{Endpoint: "events", RecordPath: "data.object"}
	for want, config := range map[string]rest.Config{
		"feed: want its Endpoint":                                      {Feed: rest.Feed{RecordPath: "data"}},
		"feed: want RecordPath, where an event has its record, or ID":  {Feed: rest.Feed{Endpoint: "events"}},
		`feed: endpoint "%s/%s": want %s once at most`:                 {Feed: rest.Feed{Endpoint: "%s/%s", ID: "id"}},
		"feed: Changed and Deleted without the TypePath":               {Feed: rest.Feed{Endpoint: "events", ID: "id", Deleted: []string{"deleted"}}},
		"feed: a type is in both Changed and Deleted":                  {Feed: rest.Feed{Endpoint: "events", ID: "id", TypePath: "type", Changed: []string{"a", "b"}, Deleted: []string{"b"}}},
		"feed: Config.Deleted.Endpoint is for a list":                  {Feed: feed, Deleted: rest.Deleted{Endpoint: "%s/deleted"}},
		"feed: Since.Until is for lists that are asked":                {Feed: feed, Since: rest.Since{Until: "to"}},
		"feed: Conditional saves complete runs":                        {Feed: feed, Conditional: true},
		"feed: Start and Config.Position belong together":              {Feed: feed, Position: rest.Position{Path: "next", Param: "from"}},
		"feed: want Position.Param":                                    {Feed: rest.Feed{Endpoint: "events", ID: "id", Start: "start"}, Position: rest.Position{Path: "next"}},
		"feed: pagination: cursor by Path, Header and LastRecord":      {Feed: rest.Feed{Endpoint: "events", ID: "id", Pagination: rest.Cursor{Path: "a", Header: "b"}}},
		`endpoint "events//": want a name, or names with a slash`:      {Feed: rest.Feed{Endpoint: "events//", ID: "id"}},
		`endpoint "../start": want a name, or names with a slash betw`: {Feed: rest.Feed{Endpoint: "events", ID: "id", Start: "../start?x=1"}, Position: rest.Position{Path: "next", Param: "from"}},
	} {
		config.BaseURL = "http://127.0.0.1:1"
		_, err := rest.NewClient(config)
		require.ErrorContains(t, err, strings.TrimSuffix(want, "betw"))
	}
}

// onSite makes a client of a config, against answers by path.
func onSite(t *testing.T, config rest.Config, answers map[string]string) (*rest.Client, *site) {
	t.Helper()
	s := &site{answers: map[string]func(http.ResponseWriter, *http.Request){}}
	for path, body := range answers {
		s.answers[path] = reply(body)
	}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	config.BaseURL, config.HTTP, config.Retry = srv.URL+"/api", srv.Client(), wire.Retry{Max: -1}
	c, err := rest.NewClient(config)
	require.NoError(t, err)
	return c, s
}

func TestFeed_ReadsEvents(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	types := rest.Feed{Endpoint: "%s/changes", RecordsKey: "changes", Pagination: rest.OnePage{}, RecordPath: "file", ID: "fileId", TypePath: "removed", Deleted: []string{"true"}}
	read := func(f rest.Feed, body string) (*remote.Page, error) {
		c, s := onSite(t, rest.Config{Feed: f, TotalPath: "total", Since: rest.Since{Format: rest.Unix}}, map[string]string{"files/changes": body})
		var last *remote.Page
		for p, err := range c.Pages(t.Context(), remote.Request{Endpoint: "files", UpdatedSince: since, Query: map[string][]string{"of": {"the list"}}}) {
			if err != nil {
				return nil, err
			}
			last = p
		}
		require.Equal(t, "updated_since=1767225600", s.log[0].URL.RawQuery)
		return last, nil
	}
	p, err := read(types, `{"total":9,"changes":[
		{"fileId":1,"removed":false,"file":{"id":1,"name":"a"}},{"fileId":2,"file":{"id":2}},{"fileId":1,"removed":true},
		{"fileId":3,"removed":true},{"fileId":3,"removed":false,"file":{"id":3}},{"fileId":2,"file":{"id":2,"name":"b"}}]}`)
	require.NoError(t, err)
	require.Equal(t, `[{"id":2} {"id":3} {"id":2,"name":"b"}]`, fmt.Sprint(p.Objects))
	require.Equal(t, []remote.Value{remote.Value("1")}, p.DeletedIDs)
	require.Nil(t, p.ChangedIDs)
	require.Equal(t, remote.EventsInOrder, p.Events)
	require.False(t, p.TotalKnown, "it is the number of events")
	require.Contains(t, p.Partial, "the feed: the remote said that it has 9 records and listed 6")

	types.NewestFirst, types.Deleted, types.TypePath = true, nil, ""
	p, err = read(types, `{"changes":[{"fileId":1,"file":{"id":1}},{"fileId":2,"file":{"id":2}},{"fileId":1,"file":{"id":1,"name":"before"}}]}`)
	require.NoError(t, err)
	require.Equal(t, `[{"id":1} {"id":2}]`, fmt.Sprint(p.Objects))
	require.Nil(t, p.DeletedIDs, "deletions are not told")
	require.Equal(t, remote.LastEvents, p.Events)

	types.RecordPath = ""
	p, err = read(types, `{"changes":[{"fileId":"a"},{"fileId":"b"},{"fileId":"a"}]}`)
	require.NoError(t, err)
	require.Empty(t, p.Objects)
	require.Equal(t, []remote.Value{remote.Value(`"a"`), remote.Value(`"b"`)}, p.ChangedIDs)

	types = rest.Feed{Endpoint: "%s/changes", RecordsKey: "changes", Pagination: rest.OnePage{}, RecordPath: "file", TypePath: "type", Changed: []string{"changed"}}
	for body, want := range map[string]string{
		`{"type":"changed"}`:                  `event 1 of the page: no record at "file" (rest.Feed.RecordPath)`,
		`{"type":"changed","file":{"id":[]}}`: `no id of a record at "file.id"`,
		`{"file":{"id":1}}`:                   `no type at "type" (rest.Feed.TypePath)`,
		`{"type":{},"file":{"id":1}}`:         `the type at "type" is an object, not a string or a number (rest.Feed.TypePath)`,
		`{"type":"other"}`:                    "",
	} {
		_, err := read(types, `{"changes":[`+body+`]}`)
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, want)
	}
	types.ID = "id"
	_, err = read(types, `{"changes":[{"type":"changed","id":1,"file":null}]}`)
	require.ErrorContains(t, err, `no record at "file" (rest.Feed.RecordPath)`)
}

// A position that holds a credential is not stored, wherever it comes from.
// An id may be a number in one event, and a text in another.
func TestFeed_IDsOfAnotherType(t *testing.T) {
	t.Parallel()
	events := rest.Feed{Endpoint: "%s/changes", Pagination: rest.OnePage{}, RecordPath: "file", ID: "fileId", TypePath: "removed", Deleted: []string{"true"}}
	body := `{"files":[{"fileId":1,"file":{"id":1}},{"fileId":"1","removed":true},{"fileId":"\u0032","removed":true},{"fileId":2,"file":{"id":2}}]}`
	for _, newest := range []bool{false, true} {
		events.NewestFirst, events.RecordsKey = newest, "files"
		c, _ := onSite(t, rest.Config{Feed: events}, map[string]string{"files/changes": body})
		for p, err := range c.Pages(t.Context(), remote.Request{Endpoint: "files", UpdatedSince: time.Now()}) {
			require.NoError(t, err)
			want := []string{`[{"id":2}]`, `["1"]`}
			if newest {
				want = []string{`[{"id":1}]`, `["\u0032"]`}
			}
			require.Equal(t, want, []string{fmt.Sprint(p.Objects), fmt.Sprint(p.DeletedIDs)})
		}
	}
}

func TestContract_C179_APositionOfAFeedHasNoCredentials(t *testing.T) {
	t.Parallel()
	config := rest.Config{Auth: wire.APIKeyQuery("sig", "abcdef123456"), Pagination: rest.OnePage{}, RecordsKey: "items",
		Position: rest.Position{Path: "next", Param: "from"}, Feed: rest.Feed{Endpoint: "events", ID: "id", Start: "start?at=now"}}
	for text, kept := range map[string]bool{"12": true, "x-abcdef123456": false} {
		c, s := onSite(t, config, map[string]string{"start": `{"next":"` + text + `"}`, "things": `{"items":[]}`})
		for p, err := range c.Pages(t.Context(), remote.Request{Endpoint: "things"}) {
			require.NoError(t, err)
			require.Equal(t, 2, p.Requests)
			require.Equal(t, kept, strings.HasSuffix(p.Position, " 12"))
			require.Equal(t, kept, p.Position != "")
		}
		require.Equal(t, "at=now&sig=abcdef123456", s.log[0].URL.RawQuery)
	}
}
