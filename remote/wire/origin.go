package wire

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/syncedgo/synced/remote"
)

// parseBaseURL does not repeat the URL in its errors: it may hold a password.
func parseBaseURL(s string) (*url.URL, error) {
	if s == "" {
		return nil, errors.New("missing")
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err
		}
		return nil, err
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return nil, errors.New("want https://host/path, with the scheme")
	case u.User != nil:
		return nil, errors.New("has a user name: use Auth for credentials")
	case u.RawQuery != "", u.Fragment != "":
		return nil, errors.New("has a query or a fragment: use Request.Query")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = strings.TrimRight(u.RawPath, "/")
	return u, nil
}

// parseHost reads a URL that is a host alone.
func parseHost(s string) (*url.URL, error) {
	u, err := parseBaseURL(s)
	if err == nil && u.Path != "" {
		err = errors.New("has a path: want https://host")
	}
	return u, err
}

// withRedirects copies a client and keeps it on the host of base. Go leaves out
// Authorization when the host's name changes, but sends it to another port and over
// plain HTTP, and other headers everywhere.
func withRedirects(from *http.Client, base *url.URL) *http.Client {
	client := *from
	client.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		switch {
		case !sameOrigin(base, req.URL):
			return fmt.Errorf("redirect to %s: %w: set BaseURL to where the API has moved, or check the credentials where it is a login", secretsOf(via[0]).url(req.URL), remote.ErrForeignURL)
		case req.Method != via[0].Method:
			return http.ErrUseLastResponse // a GET is no answer to what was sent
		case from.CheckRedirect != nil:
			return from.CheckRedirect(req, via)
		case len(via) >= 10:
			return fmt.Errorf("stopped after %d redirects", len(via))
		}
		return nil
	}
	return &client
}

// sameOrigin reports whether b may be asked with the credentials of a.
func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == strings.ToLower(b.Scheme) && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

// port returns a URL's port, the scheme's where it names none.
func port(u *url.URL) string {
	switch p := u.Port(); {
	case p != "":
		return p
	case strings.EqualFold(u.Scheme, "https"):
		return "443"
	}
	return "80"
}
