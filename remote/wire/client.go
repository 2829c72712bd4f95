package wire

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/syncedgo/synced/internal/cost"
	"github.com/syncedgo/synced/remote"
)

// Client makes requests to one API. It is safe for concurrent use: its requests
// share connections, the [Limiter] and what is known about the host, see [Breaker].
type Client struct {
	config  Config
	base    *url.URL
	hosts   []*url.URL // base and those of Config.Hosts
	http    *http.Client
	circuit *circuit
	told    tells
}

// NewClient checks the config and makes a client of it.
func NewClient(config Config) (*Client, error) {
	base, err := parseBaseURL(config.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("remote: base URL: %w", err)
	}
	if err := config.validate(); err != nil {
		return nil, fmt.Errorf("remote: %w", err)
	}
	c := &Client{config: config.withDefaults(), base: base, hosts: []*url.URL{base}}
	for i, host := range config.Hosts {
		u, err := parseHost(host)
		if err != nil {
			return nil, fmt.Errorf("remote: host no. %d: %w", i+1, err)
		}
		c.hosts = append(c.hosts, u)
	}
	c.http = withRedirects(c.config.HTTP, base)
	c.circuit = c.config.Breaker.circuit(base)
	return c, nil
}

// URL returns the base URL with parts of a path after it. The parts are escaped: a
// slash in one stays a part of it.
func (c *Client) URL(parts ...string) *url.URL {
	if len(parts) == 0 {
		u := *c.base
		return &u
	}
	escaped := make([]string, len(parts))
	for i, part := range parts {
		escaped[i] = url.PathEscape(part)
	}
	return c.base.JoinPath(escaped...)
}

// Clock returns what all waiting goes by.
func (c *Client) Clock() Clock { return c.config.Clock }

// Home reports whether a URL is on the host of the base URL.
func (c *Client) Home(u *url.URL) bool { return sameOrigin(c.base, u) }

// Allows reports whether a URL is on one of the API's hosts, which get the
// credentials.
func (c *Client) Allows(u *url.URL) bool {
	return slices.ContainsFunc(c.hosts, func(host *url.URL) bool { return sameOrigin(host, u) })
}

// Secure returns a URL of plain HTTP under HTTPS, where it names a host of the API by
// which that is asked: servers behind a proxy write such links. Others are returned as
// they are.
func (c *Client) Secure(u *url.URL) *url.URL {
	if !strings.EqualFold(u.Scheme, "http") || c.Allows(u) {
		return u
	}
	secure := *u
	secure.Scheme = "https"
	if u.Port() == "80" {
		secure.Host = strings.TrimSuffix(u.Host, ":80")
	}
	if !c.Allows(&secure) {
		return u
	}
	return &secure
}

// Do makes a request, reads its answer, and asks again where that may help, see
// [Retry]. The answer is never nil: beside an error, it has what the request cost,
// and makes texts about it that show no credential.
//
// The errors are [*remote.Error] for a status other than 2xx, [*remote.WaitError]
// where only time helps, [*remote.FormatError] for a body cut short or too large,
// [remote.ErrForeignURL] for a URL or a redirect that leaves the API's hosts, those
// of Request.Check, and the errors of net/http and context otherwise. None shows a
// credential.
func (c *Client) Do(ctx context.Context, req *Request) (*Answer, error) {
	cost.Count(ctx, 0, 0)
	x := &exchange{client: c, req: req, answer: &Answer{method: req.method(), asked: req.URL, public: req.Public}}
	if !c.Allows(req.URL) {
		return x.answer, x.answer.Wrap(remote.ErrForeignURL)
	}
	err := x.do(ctx)
	cost.Count(ctx, x.answer.Requests, x.answer.Bytes)
	return x.answer, err
}
