package rest

import (
	"maps"
	"net/url"
	"strings"

	"github.com/syncedgo/synced/remote"
)

// query turns a request into parameters. A value of the caller's replaces one of
// the same name, and is joined with the filter of the time.
func (a *addresses) query(req remote.Request) (url.Values, error) {
	q := url.Values{}
	a.config.Pagination.First(q, a.config.PerPage)
	q = selection(q, req)
	return q, a.config.Since.set(q, req.UpdatedSince)
}

// selection adds what to send of each record.
func selection(q url.Values, req remote.Request) url.Values {
	if len(req.Fields) > 0 {
		q.Set("fields", strings.Join(req.Fields, ","))
	}
	if len(req.Include) > 0 {
		q.Set("include", strings.Join(req.Include, ","))
	}
	maps.Copy(q, req.Query)
	return q
}
