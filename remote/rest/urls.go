package rest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/syncedgo/synced/remote"
)

// maxURLBytes bounds the URL of a next page.
const maxURLBytes = 8 << 10

// firstURL is the URL of a run's first page.
func (c *Client) firstURL(req remote.Request) (*url.URL, error) {
	if req.Cursor != "" {
		if _, err := endpointParts(req.Endpoint); err != nil {
			return nil, err
		}
		return c.resumeURL(req.Cursor)
	}
	u, err := c.endpointURL(req.Endpoint)
	if err != nil {
		return nil, err
	}
	query, err := c.query(req)
	if err != nil {
		return nil, err
	}
	u.RawQuery = query.Encode()
	return u, nil
}

// endpointURL is the URL of an endpoint.
func (c *Client) endpointURL(endpoint string) (*url.URL, error) {
	parts, err := endpointParts(endpoint)
	if err != nil {
		return nil, err
	}
	return c.joined(parts, endpoint), nil
}

// joined is the URL of a path below the base URL, whose parts are escaped. A slash at
// its end is kept.
func (c *Client) joined(parts []string, path string) *url.URL {
	u := c.wire.URL(parts...)
	if strings.HasSuffix(path, "/") {
		u = u.JoinPath("/")
	}
	return u
}

// endpointParts are the names in an endpoint, which may end with a slash.
func endpointParts(endpoint string) ([]string, error) {
	parts := strings.Split(strings.TrimSuffix(endpoint, "/"), "/")
	if slices.ContainsFunc(parts, noName) {
		return nil, fmt.Errorf("remote: endpoint %q: want a name, or names with a slash between", endpoint)
	}
	return parts, nil
}

// noName reports whether a path does not keep a part of that name.
func noName(part string) bool { return part == "" || part == "." || part == ".." }

// nextURL is the URL of the page after a page, nil after the last.
func (c *Client) nextURL(got *call, past *history) (*url.URL, error) {
	resp, answer := got.resp, got.answer
	if resp.beyond {
		return nil, nil
	}
	next, err := c.config.Pagination.Next(resp)
	if err != nil {
		return nil, got.format(&remote.FormatError{Reason: err.Error(), Err: err}, nil)
	}
	if next == nil {
		return nil, nil
	}
	// Auth puts its part of the query on again, and it stays known as secret.
	next = answer.WithoutAuth(c.wire.Secure(resp.URL.ResolveReference(next)))
	next.User, next.Fragment, next.RawFragment = nil, "", ""
	if n := len(next.String()); n > maxURLBytes {
		return nil, answer.Wrap(fmt.Errorf("the next page's URL has %d bytes: %w", n, remote.ErrTooLarge))
	}
	if err := c.checkNext(got, next, past); err != nil {
		return nil, answer.Wrap(fmt.Errorf("next page %s: %w", answer.Show(next), err))
	}
	return next, nil
}

// checkNext returns why a next page is not asked for.
func (c *Client) checkNext(got *call, next *url.URL, past *history) error {
	switch {
	case !c.wire.Allows(next):
		return remote.ErrForeignURL
	case past.asked(next):
		return remote.ErrPageRepeated
	case len(got.resp.Page.Objects) == 0 && !c.config.EmptyPages:
		return fmt.Errorf("%w: set EmptyPages where this API does so", remote.ErrEmptyPage)
	case got.page >= c.config.MaxPages:
		return fmt.Errorf("%w: more than %d", remote.ErrTooManyPages, c.config.MaxPages)
	}
	return nil
}
