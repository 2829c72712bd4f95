package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/syncedgo/synced/internal/cost"
	"github.com/syncedgo/synced/remote"
)

// idsAtOnce is how many records are asked for in one list of ids.
const idsAtOnce = 50

// GetMany asks for the list with the ids as Config.IDs says, up to 50 of them in a list.
// It yields errors.ErrUnsupported where that is not declared, or an id can't be written
// so.
func (c *Client) GetMany(ctx context.Context, req remote.Request, ids []string) iter.Seq2[*remote.Page, error] {
	return func(yield func(*remote.Page, error) bool) {
		if slices.ContainsFunc(ids, func(id string) bool { return !c.lister.config.IDs.can(id) }) {
			yield(nil, errors.ErrUnsupported)
			return
		}
		for some := range slices.Chunk(ids, idsAtOnce) {
			part, err := c.lister.config.IDs.request(req, some)
			if err != nil {
				yield(nil, err)
				return
			}
			for page, err := range c.lister.list(ctx, part, envelopeOf(c.lister.config, req.Endpoint)) {
				if !yield(page, err) || err != nil {
					return
				}
			}
		}
	}
}

// Get asks for one record, at the address that Config.Record says. A redirect on the
// same host is followed: the record that it leads to may be another, into which this one
// was merged. An endpoint without such an address is [remote.ErrNoAddress].
func (c *Client) Get(ctx context.Context, req remote.Request, id string) (remote.Object, error) {
	cost.Count(ctx, 0, 0)
	u, err := c.lister.addresses.record(req, id)
	if err != nil {
		return remote.Object{}, err
	}
	resp, answer, err := c.lister.asker.ask(ctx, &ask{url: u, page: 1, envelope: recordEnvelope(c.lister.config, req.Endpoint)})
	if err != nil {
		return remote.Object{}, err
	}
	if n := len(resp.Page.Objects); n != 1 {
		wrong := &remote.FormatError{Page: 1, Reason: fmt.Sprintf("%d records instead of one", n)}
		return remote.Object{}, answer.FormatError(wrong, resp.Body)
	}
	return resp.Page.Objects[0], nil
}
