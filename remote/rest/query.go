package rest

import (
	"maps"
	"net/url"

	"github.com/syncedgo/synced/remote"
)

// query turns a request into parameters. A value of the caller's replaces one of
// the same name, and is joined with the filter of the time.
func (a *addresses) query(req remote.Request) (url.Values, error) {
	q := url.Values{}
	a.config.Pagination.First(q, a.config.PerPage)
	a.config.Parameters.selection(q, req)
	maps.Copy(q, req.Query)
	return q, a.config.Since.set(q, req.UpdatedSince, req.UpdatedUntil)
}
