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
	lister *lister
	feed   *lister // of events, nil where there are none
	bodies         // memory of pages that are no longer needed
}

// bodies hides what package recycle keeps in a client.
type bodies = recycle.Bodies

var (
	_ remote.ManyGetter = (*Client)(nil)
	_ recycle.Lender    = (*Client)(nil)
)

// NewClient checks the config and makes a client of it.
func NewClient(config Config) (*Client, error) {
	requests, err := wire.NewClient(config.wire())
	if err != nil {
		return nil, err
	}
	if err := config.validate(); err != nil {
		return nil, fmt.Errorf("remote: %w", err)
	}
	c := &Client{}
	recycle.Own(&c.bodies, c)
	if config.Feed.on() {
		c.feed = newLister(config.Feed.config(config), requests, &c.bodies)
		config.Position = Position{}
	}
	c.lister = newLister(config, requests, &c.bodies)
	if err := (opening{c.lister, c.feed}).checkEndpoints(); err != nil {
		return nil, err
	}
	return c, nil
}

// Pages asks for the pages of one run, first to last.
func (c *Client) Pages(ctx context.Context, req remote.Request) iter.Seq2[*remote.Page, error] {
	open := opening{c.lister, c.feed}
	if c.lister.config.Feed.asks(req) {
		return open.before(ctx, req, c.feed.events(ctx, req))
	}
	return open.before(ctx, req, c.lister.lists(ctx, req, envelopeOf(c.lister.config, req.Endpoint)))
}
