package rest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

// maxURLBytes bounds the URL of a next page.
const maxURLBytes = 8 << 10

// addresses makes the URLs of an API.
type addresses struct {
	config *Config
	wire   *wire.Client
}

// first is the URL of a run's first page.
func (a *addresses) first(req remote.Request) (*url.URL, error) {
	if req.Cursor != "" {
		if _, err := endpointParts(req.Endpoint); err != nil {
			return nil, err
		}
		return a.resumed(req.Cursor)
	}
	position, err := a.config.Position.read(a, req.Position)
	if err != nil {
		return nil, err
	}
	if position != "" && a.config.Position.Param == "" {
		return a.delta(req, position)
	}
	u, err := a.endpoint(req.Endpoint)
	if err != nil {
		return nil, err
	}
	query, err := a.query(req)
	if err != nil {
		return nil, err
	}
	if position != "" {
		query.Set(a.config.Position.Param, position)
	}
	u.RawQuery = query.Encode()
	return u, nil
}

// endpoint is the URL of an endpoint.
func (a *addresses) endpoint(endpoint string) (*url.URL, error) {
	parts, err := endpointParts(endpoint)
	if err != nil {
		return nil, err
	}
	return a.joined(parts, endpoint), nil
}

// joined is the URL of a path below the base URL, whose parts are escaped. A slash at
// its end is kept.
func (a *addresses) joined(parts []string, path string) *url.URL {
	u := a.wire.URL(parts...)
	if strings.HasSuffix(path, "/") {
		u = u.JoinPath("/")
	}
	return u
}

// endpointParts are the names in an endpoint, which may end with a slash. A name may be
// escaped as in a URL: "repos/acme%2Fapp/issues".
func endpointParts(endpoint string) ([]string, error) {
	parts := strings.Split(strings.TrimSuffix(endpoint, "/"), "/")
	for i, part := range parts {
		if name, err := url.PathUnescape(part); err == nil {
			parts[i] = name
		}
	}
	if slices.ContainsFunc(parts, noName) {
		return nil, fmt.Errorf("remote: endpoint %q: want a name, or names with a slash between", endpoint)
	}
	return parts, nil
}

// noName reports whether a path does not keep a part of that name.
func noName(part string) bool { return part == "" || part == "." || part == ".." }
