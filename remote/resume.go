package remote

import (
	"fmt"
	"net/url"
	"strings"
)

// stays says whether the pagination's next URLs keep their place.
func (c *Client) stays() bool {
	s, ok := c.config.Pagination.(stayer)
	return ok && s.stays()
}

// resumes says whether the list goes on after its last page, which may then be
// one that came before: the last change, told again.
func (c *Client) resumes() bool {
	_, ok := c.config.Pagination.(resumer)
	return ok
}

// mark says on a page what follows it.
func (c *Client) mark(x *exchange, resp *Response, next *url.URL) {
	page := resp.Page
	page.More = next != nil
	if !c.stays() {
		page.Shifting = page.More || page.Number > 1
		return
	}
	from := next
	if r, ok := c.config.Pagination.(resumer); ok {
		from = r.resume(resp)
	}
	if from != nil {
		page.Cursor = c.cursor(x, from)
	}
}

// cursor writes a URL so that a later run can ask it. It is empty where that
// would store what may be a secret, or lead to another host than the base URL's.
func (c *Client) cursor(x *exchange, u *url.URL) string {
	if !sameOrigin(c.base, u) {
		return ""
	}
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		if name, _, _ := strings.Cut(pair, "="); secretName.MatchString(unescape(name)) {
			return ""
		}
	}
	s := u.RequestURI()
	if len(s) > maxURLBytes || strings.HasPrefix(s, "//") || x.secrets.redact(s) != s {
		return ""
	}
	return s
}

// resumeURL reads what cursor wrote. Its errors don't repeat it.
func (c *Client) resumeURL(cursor string) (*url.URL, error) {
	if !c.stays() {
		return nil, fmt.Errorf("remote: cursor: %w: the pages of %T don't keep their place", ErrInvalid, c.config.Pagination)
	}
	u, err := url.Parse(cursor)
	switch {
	case err != nil, !strings.HasPrefix(cursor, "/"), len(cursor) > maxURLBytes:
		return nil, fmt.Errorf("remote: cursor: %w: want the path and query of a Page.Cursor", ErrInvalid)
	case u.Host != "" || u.User != nil:
		return nil, fmt.Errorf("remote: cursor: %w", ErrForeignURL)
	}
	u = c.base.ResolveReference(u)
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}
