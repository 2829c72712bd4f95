package wire

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/syncedgo/synced/remote"
)

// TokenError makes the error of a token request fit for an error or a log. An
// [*oauth2.RetrieveError] holds the answer's body, and with it what a provider
// repeats of the request; it becomes an [*remote.Error] that has no more of it than the
// OAuth error code and its description, and is [remote.ErrConsentNeeded] as well for
// "invalid_grant". Hide names the secrets of the request: the client's secret, the
// refresh token. They are left out of the text of any other error, too, which
// keeps what it unwraps to.
func TokenError(err error, hide ...string) error {
	s := newSecrets(hide)
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	switch {
	case err == nil:
		return nil
	case !ok:
		where := ""
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err // its URL may hold credentials
			if u, bad := url.Parse(e.URL); bad == nil {
				where = strings.ToUpper(e.Op) + " " + s.url(u) + ": "
			}
		}
		return &transportError{text: where + shorten(s.sentence(err.Error()), 2*maxExcerpt), err: err}
	}
	e := &remote.Error{Method: http.MethodPost}
	if resp := refused.Response; resp != nil {
		e.Status, e.RetryAfter = resp.StatusCode, retryAfter(resp.Header, time.Now())
		e.RequestID = s.clean(resp.Header.Get("X-Request-Id"))
		if resp.Request != nil {
			e.URL = s.url(resp.Request.URL)
		}
	}
	if e.Excerpt = s.clean(refused.ErrorCode); refused.ErrorDescription != "" {
		e.Excerpt += ": " + s.clean(refused.ErrorDescription)
	}
	e.Excerpt = shorten(e.Excerpt, maxExcerpt)
	if refused.ErrorCode == "invalid_grant" {
		return fmt.Errorf("%w: %w", remote.ErrConsentNeeded, e)
	}
	return e
}
