package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/syncedgo/synced/remote"
)

// GetMany asks for the list with the ids in the parameter that Config.IDsParam
// names, 50 at a time. Ids with a comma can't be asked for so.
func (c *Client) GetMany(ctx context.Context, req remote.Request, ids []string) iter.Seq2[*remote.Page, error] {
	return func(yield func(*remote.Page, error) bool) {
		if c.config.IDsParam == "" || slices.ContainsFunc(ids, func(id string) bool { return strings.Contains(id, ",") }) {
			yield(nil, errors.ErrUnsupported)
			return
		}
		for some := range slices.Chunk(ids, 50) {
			part := remote.Request{Endpoint: req.Endpoint, Fields: req.Fields, Include: req.Include, Query: maps.Clone(req.Query)}
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
func (c *Client) Get(ctx context.Context, req remote.Request, id string) (remote.Object, error) {
	if noName(id) {
		return remote.Object{}, fmt.Errorf("remote: endpoint %q: the id %q can't be asked for by a path", req.Endpoint, id)
	}
	u, err := c.endpointURL(req.Endpoint, id)
	if err != nil {
		return remote.Object{}, err
	}
	u.RawQuery = selection(url.Values{}, req).Encode()
	e := envelopeOf(c.config, req.Endpoint)
	e.one = true
	resp, answer, err := c.ask(ctx, &ask{url: u, page: 1, envelope: e})
	if err != nil {
		return remote.Object{}, err
	}
	if n := len(resp.Page.Objects); n != 1 {
		wrong := &remote.FormatError{Page: 1, Reason: fmt.Sprintf("%d records instead of one", n)}
		return remote.Object{}, answer.FormatError(wrong, resp.Body)
	}
	return resp.Page.Objects[0], nil
}
