package remotetest

import "time"

// Styles of well-known APIs. They are about pages and envelopes only: records are
// as they were put.
var (
	// BookingSync is the default.
	BookingSync = Style{}
	// GitHubLike is a bare list with a Link header, and no total.
	GitHubLike = Style{Records: Root}
	// StripeLike continues after the last id while has_more is true.
	StripeLike = Style{By: ByLastID, Records: "data", HasMore: "has_more"}
	// WordPressLike is a bare list, with its totals in headers.
	WordPressLike = Style{Records: Root, TotalHeader: "X-WP-Total", PagesHeader: "X-WP-TotalPages"}
	// JSONAPILike has data, links.next and meta.total (jsonapi.org).
	JSONAPILike = Style{
		Param: "page[number]", Size: "page[size]", Records: "data", NextURL: "links.next", Total: "meta.total",
	}
	// ODataLike has value, @odata.nextLink and @odata.count.
	ODataLike = Style{
		By: ByOffset, Param: "$skip", Size: "$top", Records: "value", NextURL: "@odata.nextLink", Total: "@odata.count",
	}
	// HubSpotLike is a search: a POST whose after is an offset in disguise.
	HubSpotLike = Style{Body: InJSON, By: ByOffset, Param: "after", Records: "results", NextParam: "paging.next.after", Omitted: true, Total: "total"}
	// NotionLike is a POST with a cursor.
	NotionLike = Style{Body: InJSON, By: ByCursor, Param: "start_cursor", Size: "page_size", Records: "results", NextParam: "next_cursor", HasMore: "has_more"}
	// GraphQLLike is a connection, as Shopify's and GitHub's.
	GraphQLLike = Style{
		Body: InGraphQL, By: ByCursor, Param: "after", Size: "first", Records: "data.%s.edges", Record: "node",
		NextParam: "data.%s.pageInfo.endCursor", HasMore: "data.%s.pageInfo.hasNextPage",
	}
	// GoogleLike has items and a token of the next page. See [GoogleSync].
	GoogleLike = Style{By: ByCursor, Param: "pageToken", Size: "maxResults", Records: "items", NextParam: "nextPageToken", Omitted: true}
	// GraphLike has the URL of the next page, as Microsoft Graph has. See [GraphDelta].
	GraphLike = Style{By: ByCursor, Param: "$skiptoken", Size: "$top", Records: "value", NextURL: "@odata.nextLink", Omitted: true}
	// CouchDBLike is the feed of _changes, with whole records instead of revisions.
	CouchDBLike = Style{By: BySequence, Records: "results", NextParam: "last_seq", Pending: "pending"}
)

// Positions of well-known APIs, each with the Style that has its name.
var (
	// GoogleSync is Google's sync tokens, as those of Calendar: the list itself, asked with
	// a token, lists what changed, and deleted records as canceled ones.
	GoogleSync = Positions{Path: "nextSyncToken", Param: "syncToken", Deleted: Record{"status": "cancelled"}}
	// GraphDelta is the delta link of Microsoft Graph, of a list that is called "…/delta".
	// It is good for 7 days. A record may come several times.
	GraphDelta = Positions{
		Path: "@odata.deltaLink", Param: "$deltatoken", URL: true, Repeats: true, Retention: 7 * 24 * time.Hour,
		Deleted: Record{"@removed": map[string]any{"reason": "deleted"}},
	}
)

// StripeEvents is Stripe's list of events, with StripeLike: the newest first, asked from a
// time, and forgotten after 30 days. Types are "rentals.updated", by the collection's name.
var StripeEvents = Events{
	Endpoint: "events", Record: "data.object", Type: "type", Types: "types[]", NewestFirst: true, Retention: 30 * 24 * time.Hour,
	Since: Since{Param: "created[gte]", Field: "created", Format: Unix},
}
