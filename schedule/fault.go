package schedule

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/remote"
)

// faultOf names what is at fault where a run failed, in words that are the same for all
// that one fault fails: a host that is down, a credential that is refused. What is told so is
// the service's own or the host's name, and no text of the remote's.
func faultOf(err error, of ledger.Scheduled) string {
	answer, _ := errors.AsType[*remote.Error](err)
	host := hostOf(err)
	switch {
	case err == nil:
		return ""
	case errors.Is(err, remote.ErrUnauthorized), errors.Is(err, remote.ErrConsentNeeded):
		return "the credential " + cmp.Or(of.Credential, "of "+of.Model)
	case host != "" && (answer == nil || errors.Is(err, remote.ErrUnavailable)):
		return host + " is unavailable"
	case answer != nil:
		return fmt.Sprintf("%s of %s: %d %s", of.Model, host, answer.Status, http.StatusText(answer.Status))
	}
	return of.Model + ": " + kindOf(err)
}

// hostOf returns the host that an error is about, "" for none.
func hostOf(err error) string {
	if e, ok := errors.AsType[*remote.Error](err); ok {
		if u, err := url.Parse(e.URL); err == nil {
			return u.Host
		}
	}
	var asked interface {
		error
		Host() string
	}
	if errors.As(err, &asked) {
		return asked.Host()
	}
	return ""
}

// kindOf names the innermost type of an error.
func kindOf(err error) string {
	for {
		inner := errors.Unwrap(err)
		if all, ok := err.(interface{ Unwrap() []error }); ok && len(all.Unwrap()) > 0 {
			inner = all.Unwrap()[0]
		}
		if inner == nil {
			return fmt.Sprintf("%T", err)
		}
		err = inner
	}
}
