package rest

import (
	"context"
	"fmt"
	"iter"

	"github.com/syncedgo/synced/internal/recycle"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

// Client lists the objects of an HTTP API that answers in JSON pages. It asks for a
// page when it is wanted, or ahead where Config.InFlight says so, with the care of
// [wire.Client]. It is safe for concurrent use: runs share its connections, its
// Limiter and what is known about the host.
//
// Its errors are those of [wire.Client.Do]; [*remote.FormatError] for an answer that
// can't be used; and [remote.ErrPageRepeated], [remote.ErrEmptyPage],
// [remote.ErrTooManyPages], [remote.ErrTooLarge] and [remote.ErrForeignURL] for a list
// that does not end well. None shows a credential.
type Client struct {
	config Config
	wire   *wire.Client
	// declared and totalHeader report whether the user set Config.Pagination, and
	// Config.TotalHeader.
	declared, totalHeader bool
	bodies                // memory of pages that are no longer needed
}

// bodies hides what package recycle keeps in a client.
type bodies = recycle.Bodies

var (
	_ remote.ManyGetter = (*Client)(nil)
	_ recycle.Lender    = (*Client)(nil)
)

// NewClient checks the config and makes a client of it.
func NewClient(config Config) (*Client, error) {
	asker, err := wire.NewClient(config.wire())
	if err != nil {
		return nil, err
	}
	if err := config.validate(); err != nil {
		return nil, fmt.Errorf("remote: %w", err)
	}
	c := &Client{
		config: config.withDefaults(), wire: asker, declared: config.Pagination != nil,
		totalHeader: config.TotalHeader != "" && config.TotalHeader != None,
	}
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
		first, err := c.firstURL(req)
		if err != nil {
			yield(nil, err)
			return
		}
		walk := &walk{client: c, ahead: newAhead(ctx, c, envelope), next: first}
		defer walk.ahead.drop()
		if req.Cursor == "" {
			walk.ahead.condition = c.condition(req.Validator)
		}
		for walk.next != nil {
			page, err := walk.page()
			if !yield(page, err) || err != nil {
				return
			}
			if walk.err != nil {
				yield(nil, walk.err)
				return
			}
		}
	}
}
