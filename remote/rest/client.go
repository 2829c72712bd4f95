package rest

import (
	"context"
	"fmt"
	"iter"

	"github.com/syncedgo/synced/internal/recycle"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

// Client lists the objects of an HTTP API that answers in JSON pages. Requests
// are made one after the other, when their page is asked for, or ahead where
// Config.InFlight says so, and are repeated where that may help, see [wire.Retry], and
// once after a 401, where Auth is a [wire.Renewer]. A Client is safe for concurrent
// use; runs share its connections, its [wire.Limiter] and what is known about the host,
// see [wire.Breaker].
//
// Its errors are [*remote.Error] for a status other than 2xx, [*remote.WaitError] where only time
// helps, [*remote.FormatError] for an answer that can't be used, [remote.ErrPageRepeated],
// [remote.ErrEmptyPage], [remote.ErrTooManyPages], [remote.ErrTooLarge] and [remote.ErrForeignURL] for a list
// that does not end well, and the errors of net/http and context otherwise. None
// shows a credential.
type Client struct {
	config Config
	wire   *wire.Client
	bodies // memory of pages that are no longer needed
}

// bodies hides what package recycle keeps in a client.
type bodies = recycle.Bodies

var _ remote.ManyGetter = (*Client)(nil)

// NewClient checks the config and makes a client of it.
func NewClient(config Config) (*Client, error) {
	asker, err := wire.NewClient(config.wire())
	if err != nil {
		return nil, err
	}
	if err := config.validate(); err != nil {
		return nil, fmt.Errorf("remote: %w", err)
	}
	c := &Client{config: config.withDefaults(), wire: asker}
	recycle.Own(&c.bodies, c)
	if err := c.checkEndpoints(); err != nil {
		return nil, err
	}
	return c, nil
}

// Pages asks for the pages of one run, first to last.
func (c *Client) Pages(ctx context.Context, req remote.Request) iter.Seq2[*remote.Page, error] {
	return c.withFirst(ctx, req, c.list(ctx, req, envelopeOf(c.config, req.Endpoint)))
}

// list asks for the pages of one list.
func (c *Client) list(ctx context.Context, req remote.Request, envelope envelope) iter.Seq2[*remote.Page, error] {
	return func(yield func(*remote.Page, error) bool) {
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
			next, err = c.nextURL(got, &past)
			if past.repeats(resp.Page) && !(next == nil && err == nil && c.resumes()) {
				run.drop()
				yield(run.cost(number, got), got.answer.Wrap(remote.ErrPageRepeated))
				return
			}
			c.mark(got, next)
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
