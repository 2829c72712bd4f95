package remote

import (
	"context"
	"fmt"
	"iter"
	"net/http"
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

var _ Getter = (*Client)(nil)

// Get asks for BaseURL/endpoint/id. The answer has the record where a list has its
// records, in a list of one, as BookingSync's has, or by itself; or the record is
// the whole answer.
func (c *Client) Get(ctx context.Context, req Request, id string) (Object, error) {
	one := req
	one.Endpoint += "/" + id
	u, err := c.firstURL(one)
	if err != nil {
		return Object{}, err
	}
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
