package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/syncedgo/synced/remote"
)

// opening does what belongs to the first page of a run, and to an empty one that ends a
// list.
type opening struct {
	*lister
	feed *lister // of events, or nil
}

// before returns the pages, with all of that done before they are yielded.
func (o opening) before(ctx context.Context, req remote.Request, pages iter.Seq2[*remote.Page, error]) iter.Seq2[*remote.Page, error] {
	return func(yield func(*remote.Page, error) bool) {
		position, spent, err := o.position(ctx, req)
		if err != nil {
			yield(spent, beside{err})
			return
		}
		first := true
		for page, err := range pages {
			if first && page != nil {
				page.Requests, page.Bytes = page.Requests+spent.Requests, page.Bytes+spent.Bytes
			}
			if err == nil {
				if err = o.complete(ctx, req, page, first); err != nil {
					page = &remote.Page{Number: page.Number, Requests: page.Requests, Bytes: page.Bytes}
				}
			}
			switch {
			case first && err != nil:
				err = o.rejected(req, err)
			case first && position != "":
				page.Position = position
			}
			first = false
			if !yield(page, err) || err != nil {
				return
			}
		}
	}
}

// position is where the feed stands before the list, and what that cost.
func (o opening) position(ctx context.Context, req remote.Request) (string, *remote.Page, error) {
	if o.feed == nil || o.config.Feed.Start == "" || req.Cursor != "" || o.config.Feed.asks(req) {
		return "", &remote.Page{}, nil
	}
	return o.feed.start(ctx)
}

// complete makes sure of an empty page that is the first or the last, and adds to the
// first what another endpoint says was deleted.
func (o opening) complete(ctx context.Context, req remote.Request, page *remote.Page, first bool) error {
	if page.NotModified {
		return nil
	}
	if len(page.Objects) == 0 && (first || !page.More) && o.config.Probe != "" {
		if err := o.probe(ctx, page); err != nil {
			return beside{err}
		}
	}
	if !first || o.config.Deleted.Endpoint == "" || req.UpdatedSince.IsZero() {
		return nil
	}
	if err := o.addDeleted(ctx, req, page); err != nil {
		return beside{err}
	}
	return nil
}

// beside is the error of a question that is asked beside the list: what is not found
// there says nothing of the list, which is not gone.
type beside struct{ err error }

func (b beside) Error() string      { return b.err.Error() }
func (b beside) As(target any) bool { return errors.As(b.err, target) }
func (b beside) Is(target error) bool {
	return target != remote.ErrNotFound && errors.Is(b.err, target)
}

// probe asks whether the credentials are good. The page counts what that cost.
func (o opening) probe(ctx context.Context, page *remote.Page) error {
	u, err := o.addresses.endpoint(o.config.Probe)
	if err != nil {
		return err
	}
	_, answer, err := o.asker.ask(ctx, &ask{url: u, page: page.Number, envelope: envelope{any: true}})
	page.Requests += answer.Requests
	page.Bytes += answer.Bytes
	if err != nil {
		return fmt.Errorf("the page is empty, so the credentials were tried: %w", err)
	}
	return nil
}

// rejected tells an API that can't answer for the time or the position from other errors. A
// feed that is not found says nothing of the list, which is asked for instead.
func (o opening) rejected(req remote.Request, err error) error {
	var answer *remote.Error
	if req.UpdatedSince.IsZero() && req.Position == "" || !errors.As(err, &answer) {
		return err
	}
	if lost := o.config.Feed.asks(req) && errors.Is(err, remote.ErrNotFound); !lost && !o.config.Since.Rejected(answer) {
		return err
	}
	return fmt.Errorf("%w: %w", remote.ErrSinceRejected, err)
}

// checkEndpoints returns what is wrong with the endpoints of the config.
func (o opening) checkEndpoints() error {
	start, _, _ := strings.Cut(o.config.Feed.Start, "?")
	feed := strings.Replace(o.config.Feed.Endpoint, "%s", "list", 1)
	for _, endpoint := range []string{o.config.Probe, o.config.Deleted.endpoint("list"), feed, start} {
		if endpoint == "" {
			continue
		}
		if _, err := o.addresses.endpoint(endpoint); err != nil {
			return err
		}
	}
	return nil
}
