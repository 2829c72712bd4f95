package main

import (
	"net/http"
	"net/url"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
)

// style is a way in which pages follow each other: the client's configuration,
// and a fake that speaks it. A service writes the configuration only, with a
// BaseURL.
type style struct {
	name, pages string
	api         rest.Config
	fake        remotetest.Config
	query       url.Values                 // what the list is asked with besides
	tombstone   func(o remote.Object) bool // reports whether a listed record was deleted
}

var styles = []style{
	{
		name: "github", pages: "Link header",
		api: rest.Config{
			PerPage:    100,
			RecordsKey: rest.Root, // a bare list
			Pagination: rest.LinkHeader{},
		},
		fake: remotetest.Config{Style: remotetest.GitHubLike},
	},
	{
		name: "wordpress", pages: "page number, totals in headers",
		api: rest.Config{
			PerPage:     100,
			RecordsKey:  rest.Root,
			Pagination:  rest.PageNumber{TotalPagesHeader: "X-WP-TotalPages"},
			TotalHeader: "X-WP-Total",
			InFlight:    2, // the number of pages is known, so two may be asked for at once
		},
		fake: remotetest.Config{Style: remotetest.WordPressLike, Quirks: remotetest.Quirks{PastEnd: http.StatusBadRequest}},
	},
	{
		name: "pages", pages: "page number, until one is empty",
		api: rest.Config{
			PerPage:    100,
			RecordsKey: "items",
			Pagination: rest.PageNumber{},
		},
		fake: remotetest.Config{Style: remotetest.Style{Records: "items", NoLink: true}},
	},
	{
		name: "jsonapi", pages: "JSON:API, links.next",
		api: rest.Config{
			PerPage:    100,
			RecordsKey: "data",
			Pagination: rest.NextURL{Path: "links.next", PerPage: "page[size]"},
			TotalPath:  "meta.total",
		},
		fake: remotetest.Config{Style: remotetest.JSONAPILike},
	},
	{
		name: "offset", pages: "offset and limit, a total in the body",
		api: rest.Config{
			PerPage:    100,
			RecordsKey: "items",
			Pagination: rest.Offset{},
			TotalPath:  "total",
		},
		fake: remotetest.Config{Style: remotetest.Style{By: remotetest.ByOffset, Records: "items", Total: "total", NoLink: true}},
	},
	{
		name: "odata", pages: "OData, @odata.nextLink",
		api: rest.Config{
			// Not $top, which would end the list after that many.
			Header:     http.Header{"Prefer": {"odata.maxpagesize=100"}},
			RecordsKey: "value",
			Pagination: rest.NextURL{Path: "@odata.nextLink", Omitted: true},
			TotalPath:  "@odata.count",
		},
		query: url.Values{"$count": {"true"}},
		fake:  remotetest.Config{Style: remotetest.ODataLike},
	},
	{
		name: "cursor", pages: "cursor in the body",
		api: rest.Config{
			PerPage:    100,
			RecordsKey: "items",
			Pagination: rest.Cursor{Path: "next_cursor"},
		},
		fake: remotetest.Config{Style: remotetest.Style{By: remotetest.ByCursor, Records: "items", NextParam: "next_cursor"}},
	},
	{
		name: "cursor-header", pages: "cursor in a header",
		api: rest.Config{
			PerPage:    100,
			RecordsKey: rest.Root,
			Pagination: rest.Cursor{Header: "X-Next-Cursor", Omitted: true}, // there is none on the last page
		},
		fake: remotetest.Config{Style: remotetest.Style{By: remotetest.ByCursor, Records: remotetest.Root, NextHeader: "X-Next-Cursor"}},
	},
	{
		name: "stripe", pages: "the last id, while has_more is true",
		api: rest.Config{
			PerPage:    100,
			RecordsKey: "data",
			Pagination: rest.Cursor{Param: "starting_after", LastRecord: "id", MorePath: "has_more"},
		},
		fake: remotetest.Config{Style: remotetest.StripeLike, Quirks: remotetest.Quirks{NewestFirst: true}},
	},
	{
		name: "couchdb", pages: "sequence feed",
		api: rest.Config{
			PerPage:    100,
			RecordsKey: "results",
			Pagination: rest.Sequence{},
		},
		// The feed lists deleted records too.
		tombstone: func(o remote.Object) bool {
			_, deleted := o.Lookup("_deleted")
			return deleted
		},
		fake: remotetest.Config{Style: remotetest.CouchDBLike},
	},
	{
		name: "ndjson", pages: "none: a record a line, as a gzip file",
		api:  rest.Config{Body: rest.NDJSON{}},
		fake: remotetest.Config{Style: remotetest.Style{Format: remotetest.AsNDJSON, GzipFile: true}},
	},
	{
		name: "csv", pages: "none: a CSV",
		api:  rest.Config{Body: rest.CSV{Numbers: []string{"id"}}},
		fake: remotetest.Config{Style: remotetest.Style{Format: remotetest.AsCSV}},
	},
	{
		name: "export", pages: "files that a job writes, on another host",
		api: rest.Config{
			Body: rest.NDJSON{},
			Export: &rest.Export{
				Job:   "id",
				Poll:  rest.Step{Path: "exports/%s"},
				State: "state", Done: []string{"done"}, Failed: []string{"failed"},
				Files:  "files.url",
				Delete: rest.Step{Method: http.MethodDelete, Path: "exports/%s"},
			},
			TotalPath: "total",
		},
		fake: remotetest.Config{Style: remotetest.Style{Format: remotetest.AsNDJSON}, Export: &remotetest.Export{Files: 2}},
	},
}
