package wire

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/syncedgo/synced/remote"
)

// limit ends a request that takes too long.
type limit struct {
	after time.Duration
	timer *time.Timer // nil where the whole request has one time
	end   func()
}

// limited bounds a request by Config.Timeout: as a whole or, where its body is a stream,
// each wait for something of it.
func (x *exchange) limited(ctx context.Context) (context.Context, *limit) {
	after := x.client.config.Timeout
	if x.req.Stream == nil {
		limited, cancel := context.WithTimeoutCause(ctx, after, timeoutError{after})
		return limited, &limit{end: cancel}
	}
	limited, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(after, func() { cancel(timeoutError{after}) })
	return limited, &limit{after, timer, func() {
		timer.Stop()
		cancel(nil)
	}}
}

// http returns the client that makes the request.
func (x *exchange) http() *http.Client {
	client := *x.client.http
	if x.req.Stream != nil {
		client.Timeout = 0 // of the whole body
	}
	if len(x.req.Accept) == 0 {
		return &client
	}
	follow := client.CheckRedirect
	client.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if x.req.accepts(req.Response.StatusCode) {
			return http.ErrUseLastResponse
		}
		return follow(req, via)
	}
	return &client
}

// stream gives the body of a good answer to the caller piece by piece.
func (x *exchange) stream(ctx, limited context.Context, resp *http.Response, l *limit) error {
	a := x.answer
	a.URL, a.Status, a.Header = a.WithoutAuth(resp.Request.URL), resp.StatusCode, resp.Header
	a.Framed = resp.ContentLength >= 0 || len(resp.TransferEncoding) > 0 || resp.ProtoMajor > 1 || resp.Uncompressed
	body := &stream{body: resp.Body, limit: l}
	l.timer.Stop()
	err := x.req.Stream(a, body)
	switch {
	case err == nil:
		return nil
	case errors.Is(body.err, io.ErrUnexpectedEOF):
		return a.FormatError(&remote.FormatError{Reason: cutShort, Offset: body.read, Err: io.ErrUnexpectedEOF}, nil)
	case body.err != nil:
		return x.lost(ctx, ended(ctx, limited, body.err))
	}
	return err
}

// stream is a body that is read piece by piece. Only the waits for it are limited, not
// what is done with it.
type stream struct {
	body  io.Reader
	limit *limit
	read  int64
	err   error // other than the end
}

// Read waits for a piece.
func (s *stream) Read(p []byte) (int, error) {
	s.limit.timer.Reset(s.limit.after)
	n, err := s.body.Read(p)
	s.limit.timer.Stop()
	s.read += int64(n)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}
