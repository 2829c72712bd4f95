package remote

import (
	"maps"
	"net/url"
	"strconv"
	"strings"
)

// query turns a request into parameters. A value of the caller's replaces one of
// the same name.
func (c *Client) query(req Request) url.Values {
	q := url.Values{}
	if c.config.PerPage > 0 {
		q.Set("per_page", strconv.Itoa(c.config.PerPage))
	}
	if !req.UpdatedSince.IsZero() {
		// Format cuts what the layout can't tell, so the time is never too late.
		q.Set("updated_since", req.UpdatedSince.UTC().Format(c.config.TimeFormat))
	}
	if len(req.Fields) > 0 {
		q.Set("fields", strings.Join(req.Fields, ","))
	}
	if len(req.Include) > 0 {
		q.Set("include", strings.Join(req.Include, ","))
	}
	maps.Copy(q, req.Query)
	return q
}
