package rest

import (
	"fmt"
	"net/url"

	"github.com/syncedgo/synced/remote"
)

// follow returns the URL of the page after a page, nil after the last.
func (w *walk) follow(got *call) (*url.URL, error) {
	resp, answer := got.resp, got.answer
	if resp.beyond {
		return nil, nil
	}
	next, err := w.lister.config.Pagination.Next(resp)
	if err != nil {
		return nil, got.format(&remote.FormatError{Reason: err.Error(), Err: err}, nil)
	}
	if next == nil {
		return nil, nil
	}
	if _, links := w.lister.config.Pagination.(LinkHeader); links && w.lister.asker.carrier.posts() {
		wrong := &remote.FormatError{Reason: "the answer to a POST names a next page by a URL: set rest.Config.Pagination", Err: remote.ErrPagesUnread}
		return nil, got.format(wrong, nil)
	}
	// Auth puts its part of the query on again, and it stays known as secret.
	next = answer.WithoutAuth(w.lister.asker.wire.Secure(resp.URL.ResolveReference(next)))
	switch w.lister.config.Pagination.(type) {
	case LinkHeader, NextURL:
		next = completed(resp.URL, next)
	}
	next.User, next.Fragment, next.RawFragment = nil, "", ""
	if n := len(next.String()); n > maxURLBytes {
		return nil, answer.Wrap(fmt.Errorf("the next page's URL has %d bytes: %w", n, remote.ErrTooLarge))
	}
	if err := w.checkNext(got, next); err != nil {
		return nil, answer.Wrap(fmt.Errorf("next page %s: %w", answer.Show(next), err))
	}
	return next, nil
}

// checkNext returns why a next page is not asked for.
func (w *walk) checkNext(got *call, next *url.URL) error {
	switch {
	case !w.lister.asker.wire.Allows(next):
		return remote.ErrForeignURL
	case w.past.asked(next):
		return fmt.Errorf("%w: it was asked for before, so the list would never end: check %T, or ask the owner of the API", remote.ErrPageRepeated, w.lister.config.Pagination)
	case len(got.resp.Page.Objects) == 0 && !w.lister.config.EmptyPages:
		return fmt.Errorf("%w: set EmptyPages where this API does so", remote.ErrEmptyPage)
	case got.page >= w.lister.config.MaxPages:
		return fmt.Errorf("%w: more than %d", remote.ErrTooManyPages, w.lister.config.MaxPages)
	}
	return nil
}
