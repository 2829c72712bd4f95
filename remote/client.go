package remote

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Client lists the objects of an HTTP API that answers in JSON pages. Requests
// are made one after the other, when their page is asked for, or ahead where
// Config.InFlight says so, and are repeated where that may help, see [Retry], and
// once after a 401, where Auth is a [Renewer]. A Client is safe for concurrent
// use; runs share its connections, its [Limiter] and what is known about the host,
// see [Breaker].
//
// Its errors are [*Error] for a status other than 2xx, [*WaitError] where only time
// helps, [*FormatError] for an answer that can't be used, [ErrPageRepeated],
// [ErrEmptyPage], [ErrTooManyPages], [ErrTooLarge] and [ErrForeignURL] for a list
// that does not end well, and the errors of net/http and context otherwise. None
// shows a credential.
type Client struct {
	config  Config
	base    *url.URL
	hosts   []*url.URL // base and those of Config.Hosts
	http    *http.Client
	circuit *circuit
	bodies  *sync.Pool // *[]byte, of pages that are not needed any more
}

var _ API = (*Client)(nil)

// NewClient checks the config and makes a client of it.
func NewClient(config Config) (*Client, error) {
	base, err := parseBaseURL(config.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("remote: base URL: %w", err)
	}
	if err := config.validate(); err != nil {
		return nil, fmt.Errorf("remote: %w", err)
	}
	c := &Client{config: config.withDefaults(), base: base, hosts: []*url.URL{base}, bodies: &sync.Pool{}}
	for i, host := range config.Hosts {
		u, err := parseBaseURL(host)
		if err == nil && u.Path != "" {
			err = errors.New("has a path: want https://host")
		}
		if err != nil {
			return nil, fmt.Errorf("remote: host no. %d: %w", i+1, err)
		}
		c.hosts = append(c.hosts, u)
	}
	c.config.Header = config.Header.Clone()
	c.http = c.withRedirects(c.config.HTTP)
	c.circuit = c.config.Breaker.circuit(base)
	if err := c.checkEndpoints(); err != nil {
		return nil, err
	}
	return c, nil
}

// Pages asks for the pages of one run, first to last.
func (c *Client) Pages(ctx context.Context, req Request) iter.Seq2[*Page, error] {
	return c.withFirst(ctx, req, c.list(ctx, req, envelopeOf(c.config, req.Endpoint)))
}

// list asks for the pages of one list.
func (c *Client) list(ctx context.Context, req Request, envelope envelope) iter.Seq2[*Page, error] {
	return func(yield func(*Page, error) bool) {
		next, err := c.firstURL(req)
		if err != nil {
			yield(nil, err)
			return
		}
		run := newAhead(ctx, c, envelope)
		defer run.drop()
		if req.Cursor == "" {
			run.condition = c.condition(req.Validator)
		}
		var past history
		for number, seen := 1, 0; next != nil; number++ {
			past.ask(next)
			got := run.get(next, number)
			if got.err != nil {
				run.drop()
				yield(run.cost(number, got), got.err)
				return
			}
			resp := got.resp
			if resp.Page.NotModified {
				yield(resp.Page, nil)
				return
			}
			past.ask(resp.URL)
			seen += len(resp.Page.Objects)
			resp.Seen = seen
			// The page is good even where the way on is not.
			next, err = c.nextURL(got.x, resp, &past)
			if past.repeats(resp.Page) && !(next == nil && err == nil && c.resumes()) {
				run.drop()
				yield(run.cost(number, got), got.x.reject(ErrPageRepeated))
				return
			}
			c.mark(got.x, resp, next)
			run.fill(resp, next)
			resp.Page.Requests, resp.Page.Bytes = run.take(got)
			if !yield(resp.Page, nil) {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// firstURL is the URL of a run's first page.
func (c *Client) firstURL(req Request) (*url.URL, error) {
	parts := strings.Split(req.Endpoint, "/")
	for i, part := range parts {
		if part == "" || part == "." || part == ".." {
			return nil, fmt.Errorf("remote: endpoint %q: want a name, or names with a slash between", req.Endpoint)
		}
		parts[i] = url.PathEscape(part)
	}
	if req.Cursor != "" {
		return c.resumeURL(req.Cursor)
	}
	u := c.base.JoinPath(parts...)
	u.RawQuery = c.query(req).Encode()
	return u, nil
}

// nextURL is the URL of the page after resp, nil after the last.
func (c *Client) nextURL(x *exchange, resp *Response, past *history) (*url.URL, error) {
	if resp.beyond {
		return nil, nil
	}
	next, err := c.config.Pagination.Next(resp)
	if err != nil {
		return nil, x.format(&FormatError{Reason: err.Error(), Err: err}, nil)
	}
	if next == nil {
		return nil, nil
	}
	// Auth puts its part of the query on again, and it stays known as secret.
	next = x.withoutAuth(resp.URL.ResolveReference(next))
	next.User, next.Fragment, next.RawFragment = nil, "", ""
	if n := len(next.String()); n > maxURLBytes {
		return nil, x.reject(fmt.Errorf("the next page's URL has %d bytes: %w", n, ErrTooLarge))
	}
	switch {
	case !slices.ContainsFunc(c.hosts, func(host *url.URL) bool { return sameOrigin(host, next) }):
		return nil, x.follow(next, ErrForeignURL)
	case past.asked(next):
		return nil, x.follow(next, ErrPageRepeated)
	case len(resp.Page.Objects) == 0 && !c.config.EmptyPages:
		return nil, x.follow(next, fmt.Errorf("%w: set EmptyPages where this API does so", ErrEmptyPage))
	case x.page >= c.config.MaxPages:
		return nil, x.follow(next, fmt.Errorf("%w: more than %d", ErrTooManyPages, c.config.MaxPages))
	}
	return next, nil
}

// withRedirects copies a client and keeps it on the host of the base URL. Go
// leaves out Authorization when the host's name changes, but sends it to another
// port and over plain HTTP, and other headers everywhere.
func (c *Client) withRedirects(from *http.Client) *http.Client {
	client := *from
	client.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		switch {
		case !sameOrigin(c.base, req.URL):
			return fmt.Errorf("redirect to %s: %w", secretsOf(via[0]).url(req.URL), ErrForeignURL)
		case from.CheckRedirect != nil:
			return from.CheckRedirect(req, via)
		case len(via) >= 10:
			return fmt.Errorf("stopped after %d redirects", len(via))
		}
		return nil
	}
	return &client
}

// sameOrigin says whether b may be asked with a's credentials.
func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == strings.ToLower(b.Scheme) && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

// port is a URL's port, also where it is the scheme's own.
func port(u *url.URL) string {
	switch p := u.Port(); {
	case p != "":
		return p
	case strings.EqualFold(u.Scheme, "https"):
		return "443"
	}
	return "80"
}
