package recognize_test

import (
	"fmt"
	"testing"

	"github.com/syncedgo/synced/remote/remotetest"
)

// served is a fake API whose list Recognize is asked about.
type served struct {
	fake   remotetest.Config
	query  string // after the list's URL
	quirks remotetest.Quirks
}

// styles has a fake for each way in which pages follow each other that a GET asks for. Each
// lists 25 records, 10 on a page. Its name is that of the list, too.
var styles = map[string]served{
	"rentals":      {},
	"githubs":      {fake: remotetest.Config{Style: remotetest.GitHubLike}},
	"sized":        {fake: remotetest.Config{Style: remotetest.GitHubLike}, query: "?per_page=7"},
	"wordpresses":  {fake: remotetest.Config{Style: remotetest.WordPressLike}, quirks: remotetest.Quirks{PastEnd: 400}},
	"api_resource": {fake: remotetest.Config{Style: remotetest.JSONAPILike}, query: "?page[size]=4"},
	"odata":        {fake: remotetest.Config{Style: remotetest.ODataLike}},
	"charges":      {fake: remotetest.Config{Style: remotetest.StripeLike}, quirks: remotetest.Quirks{NewestFirst: true}},
	"changes":      {fake: remotetest.Config{Style: remotetest.CouchDBLike}},
	"pages":        {fake: style(remotetest.Style{Records: "items", NoLink: true})},
	"numbered":     {fake: style(remotetest.Style{Records: "items", Pages: "meta.total_pages", Total: "meta.total", NoLink: true})},
	"headers":      {fake: style(remotetest.Style{Records: remotetest.Root, PagesHeader: "X-Total-Pages", TotalHeader: "X-Total-Count", NoLink: true})},
	"zero_based":   {fake: style(remotetest.Style{ZeroBased: true, Records: "content", Pages: "totalPages", End: "last"})},
	"has_next":     {fake: style(remotetest.Style{Records: "list.items", HasMore: "list.hasNext"})},
	"offsets":      {fake: style(remotetest.Style{By: remotetest.ByOffset, Records: "items", Total: "total", NoLink: true})},
	"skips":        {fake: style(remotetest.Style{By: remotetest.ByOffset, Param: "skip", Size: "take", Records: "items", NoLink: true}), query: "?skip=0&take=10"},
	"hits":         {fake: style(remotetest.Style{By: remotetest.ByOffset, Param: "from", Size: "size", Records: "hits.hits", Total: "hits.total.value", NoLink: true}), query: "?from=0&size=10"},
	"next_offset":  {fake: style(remotetest.Style{By: remotetest.ByOffset, Records: "items", NextParam: "next_offset"})},
	"ranges":       {fake: style(remotetest.Style{By: remotetest.ByOffset, Records: remotetest.Root, NoLink: true}), quirks: remotetest.Quirks{Partial: true}},
	"cursors":      {fake: style(remotetest.Style{By: remotetest.ByCursor, Records: "items", NextParam: "next_cursor"})},
	"tokens":       {fake: style(remotetest.Style{By: remotetest.ByCursor, Param: "pageToken", Records: "items", NextParam: "nextPageToken", Omitted: true})},
	"afters":       {fake: style(remotetest.Style{By: remotetest.ByCursor, Param: "after", Records: "results", NextParam: "paging.next.after", Omitted: true})},
	"in_headers":   {fake: style(remotetest.Style{By: remotetest.ByCursor, Records: remotetest.Root, NextHeader: "X-Next-Cursor"}), query: "?limit=20"},
	"ended":        {fake: style(remotetest.Style{By: remotetest.ByCursor, Param: "cursor", Records: "users", NextParam: "after_cursor", End: "end_of_stream"})},
	"relative":     {fake: style(remotetest.Style{Records: "results", NextURL: "next", Total: "count", Relative: true}), query: "?per_page=20"},
	"nodes":        {fake: style(remotetest.Style{By: remotetest.ByCursor, Param: "after", Size: "first", Records: "list.edges", Record: "node", NextParam: "list.pageInfo.endCursor", HasMore: "list.pageInfo.hasNextPage"})},
	"omitted":      {fake: style(remotetest.Style{By: remotetest.ByCursor, Records: "items", NextParam: "next", Omitted: true}), query: "?limit=20"},
	"googles":      {fake: remotetest.Config{Style: remotetest.GoogleLike, Positions: remotetest.GoogleSync}},
	"tokens_told":  {fake: remotetest.Config{Style: remotetest.GoogleLike, Positions: remotetest.GoogleSync}, query: "?maxResults=100"},
	"graphs":       {fake: remotetest.Config{Style: remotetest.GraphLike}},
	"delta":        {fake: remotetest.Config{Style: remotetest.GraphLike, Positions: remotetest.GraphDelta}, query: "?%24top=100"},
	"ndjson":       {fake: style(remotetest.Style{Format: remotetest.AsNDJSON})},
	"ndjson_files": {fake: style(remotetest.Style{Format: remotetest.AsNDJSON, GzipFile: true})},
	"csv":          {fake: style(remotetest.Style{Format: remotetest.AsCSV})},
	"csv_files":    {fake: style(remotetest.Style{Format: remotetest.AsCSV, GzipFile: true})},
	"without_ids":  {fake: style(remotetest.Style{ID: "line", Records: "lines", NextURL: "next"})},
	"wholes":       {fake: style(remotetest.Style{Whole: true, Records: "wholes", Total: "total"})},
}

func style(s remotetest.Style) remotetest.Config { return remotetest.Config{Style: s} }

// start serves a style.
func (s served) start(t testing.TB, name string) *remotetest.Server {
	t.Helper()
	s.fake.PerPage, s.fake.Quirks = 10, s.quirks
	srv := remotetest.New(s.fake)
	t.Cleanup(srv.Close)
	for id := 1; id <= 25; id++ {
		key := "id"
		if name == "without_ids" {
			key = "line"
		}
		srv.Collection(name).Put(remotetest.Record{
			key: id, "name": fmt.Sprint("Villa ", id), "price": "10.50", "rate": 1.5, "open": id%2 == 0, "note": nil,
			"tags": []string{"a"}, "owner": map[string]any{"id": 7}, "type": "villa", "canceledAt": "2026-01-02T03:04:05+0000",
			"select": 1, "Type": "upper", "it's `odd`": 1, "naïve": 2, "a\nb": 3, "@odata.etag": `W/"1"`, "1st": true, "synced_hash": "x", "seen": 1767323045,
		})
	}
	return srv
}
