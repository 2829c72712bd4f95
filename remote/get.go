package remote

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Getter is an [API] that can also fetch one object by its id. [ErrNotFound]
// says that there is none.
type Getter interface {
	Get(ctx context.Context, req Request, id string) (Object, error)
}

// ManyGetter is a [Getter] that can fetch objects by lists of ids. Those that are
// not listed do not exist. errors.ErrUnsupported, as the first thing, says that
// the API can't do that after all.
type ManyGetter interface {
	Getter
	GetMany(ctx context.Context, req Request, ids []string) iter.Seq2[*Page, error]
}

var _ ManyGetter = (*Client)(nil)

// GetMany asks for the list with the ids in the parameter that Config.IDsParam
// names, 50 at a time. Ids with a comma can't be asked for so.
func (c *Client) GetMany(ctx context.Context, req Request, ids []string) iter.Seq2[*Page, error] {
	return func(yield func(*Page, error) bool) {
		if c.config.IDsParam == "" || slices.ContainsFunc(ids, func(id string) bool { return strings.Contains(id, ",") }) {
			yield(nil, errors.ErrUnsupported)
			return
		}
		for some := range slices.Chunk(ids, 50) {
			part := Request{Endpoint: req.Endpoint, Fields: req.Fields, Include: req.Include, Query: maps.Clone(req.Query)}
			if part.Query == nil {
				part.Query = url.Values{}
			}
			part.Query.Set(c.config.IDsParam, strings.Join(some, ","))
			for page, err := range c.list(ctx, part, envelopeOf(c.config, req.Endpoint)) {
				if !yield(page, err) || err != nil {
					return
				}
			}
		}
	}
}

// Get asks for BaseURL/endpoint/id. The answer has the record where a list has its
// records, in a list of one, as BookingSync's has, or by itself; or the record is
// the whole answer.
func (c *Client) Get(ctx context.Context, req Request, id string) (Object, error) {
	if id == "" || id == "." || id == ".." {
		return Object{}, fmt.Errorf("remote: endpoint %q: the id %q can't be asked for by a path", req.Endpoint, id)
	}
	req.Cursor = "" // which is a place in a list
	u, err := c.firstURL(req)
	if err != nil {
		return Object{}, err
	}
	u = u.JoinPath(url.PathEscape(id)) // an id with a slash is still one part
	u.RawQuery = selection(url.Values{}, req).Encode()
	x := &exchange{method: http.MethodGet, page: 1, flow: &flow{}}
	e := envelopeOf(c.config, req.Endpoint)
	e.one = true
	resp, err := c.ask(ctx, x, u, e)
	if err != nil {
		return Object{}, err
	}
	if n := len(resp.Page.Objects); n != 1 {
		return Object{}, x.format(&FormatError{Reason: fmt.Sprintf("%d records instead of one", n)}, resp.Body)
	}
	return resp.Page.Objects[0], nil
}
