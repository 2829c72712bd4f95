package remote

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// Getter is an [API] that can also fetch one object by its id. [ErrNotFound]
// says that there is none.
type Getter interface {
	Get(ctx context.Context, req Request, id string) (Object, error)
}

var _ Getter = (*Client)(nil)

// Get asks for BaseURL/endpoint/id, whose answer has the envelope of a list with
// one record, as BookingSync's has.
func (c *Client) Get(ctx context.Context, req Request, id string) (Object, error) {
	if id == "" || id == "." || id == ".." {
		return Object{}, fmt.Errorf("remote: endpoint %q: the id %q can't be asked for by a path", req.Endpoint, id)
	}
	u, err := c.firstURL(req)
	if err != nil {
		return Object{}, err
	}
	u = u.JoinPath(url.PathEscape(id)) // an id with a slash is still one part
	x := &exchange{method: http.MethodGet, page: 1}
	resp, err := c.fetch(ctx, x, u, envelopeOf(c.config, req.Endpoint))
	if err != nil {
		return Object{}, err
	}
	if n := len(resp.Page.Objects); n != 1 {
		return Object{}, x.format(&FormatError{Reason: fmt.Sprintf("%d records instead of one", n)}, resp.Body)
	}
	return resp.Page.Objects[0], nil
}
