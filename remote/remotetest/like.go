package remotetest

// Styles of well-known APIs. They are about pages and envelopes only: records are
// as they were put.
var (
	// BookingSync is the default.
	BookingSync = Style{}
	// GitHubLike is a bare list with a Link header, and no total.
	GitHubLike = Style{Records: Root}
	// StripeLike goes on after the last id while has_more is true.
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
	// CouchDBLike is the feed of _changes, with whole records instead of revisions.
	CouchDBLike = Style{By: BySequence, Records: "results", NextParam: "last_seq", Pending: "pending"}
)
