package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/syncedgo/synced/remote"
)

// transportError has a text without credentials, and is what callers ask for:
// context.Canceled, context.DeadlineExceeded, net.Error, ErrForeignURL. It is never
// ErrNotFound: where the endpoint for tokens is not found, nothing was said of what was
// asked for.
type transportError struct {
	text string
	err  error
	host string
	lost bool // on the way, not by the caller's context
}

func (e *transportError) Error() string      { return e.text }
func (e *transportError) As(target any) bool { return errors.As(e.err, target) }
func (e *transportError) Is(target error) bool {
	return target != remote.ErrNotFound && errors.Is(e.err, target)
}

// Host returns the host that was asked.
func (e *transportError) Host() string { return e.host }

// transport is an error of a request that got no whole answer.
func (x *exchange) transport(err error) error {
	a := x.answer
	text := a.path() + a.secrets.sentence(err.Error())
	if a.id != "" {
		text += " (request " + a.secrets.clean(a.id) + ")"
	}
	return &transportError{text: text, err: err, host: a.host()}
}

// lost is such an error where the request may have met trouble on its way.
func (x *exchange) lost(ctx context.Context, err error) error {
	return &transportError{text: x.transport(err).Error(), err: err, host: x.answer.host(), lost: ctx.Err() == nil}
}

// wait names the request that has to wait.
func (x *exchange) wait(e *remote.WaitError) error {
	e.Err = x.transport(e.Err)
	return e
}

// lost reports whether a request got no whole answer for a reason that may pass:
// not one of certificates, protocols or a name that does not exist.
func lost(err error) bool {
	e, ok := errors.AsType[*transportError](err)
	if !ok || !e.lost || errors.Is(err, http.ErrSchemeMismatch) {
		return false
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return false
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return false
	}
	if alert, ok := errors.AsType[*net.OpError](err); ok && alert.Op == "remote error" { // of TLS
		return false
	}
	dns, ok := errors.AsType[*net.DNSError](err)
	return !ok || !dns.IsNotFound
}

// unreached reports whether no connection was made, so that nothing was sent.
func unreached(err error) bool {
	dial, ok := errors.AsType[*net.OpError](err)
	return ok && dial.Op == "dial"
}

// timeoutError is a request that took longer than Config.Timeout. Only its text
// tells it from a deadline of the caller's.
type timeoutError struct{ limit time.Duration }

func (e timeoutError) Error() string   { return fmt.Sprintf("no whole answer within %v", e.limit) }
func (e timeoutError) Timeout() bool   { return true }
func (e timeoutError) Temporary() bool { return true }
func (e timeoutError) Unwrap() error   { return context.DeadlineExceeded }

// ended returns why a request ended: the caller's context, our own limit, or
// something else.
func ended(ctx, limited context.Context, err error) error {
	switch {
	case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	case ctx.Err() == nil && limited.Err() != nil:
		return context.Cause(limited)
	}
	return err
}
