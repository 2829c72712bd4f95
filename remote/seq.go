package remote

import (
	"context"
	"iter"
)

// seqPage is how many items of a [Seq] make a page.
const seqPage = 500

// Seq makes an [API] of a function that lists items one by one, such as the
// iterator of a service's own client. Items become objects by encoding/json, and
// pages of 500; bytes of any type ([]byte, json.RawMessage) are JSON already, and
// are copied as they are. An error ends the list after the items before it, and
// so does an item that is not an object.
//
// Its pages say nothing about deletions or the remote's clock:
// strategy.UpdatedSince needs Fallbacks, and a Tombstone where rows are removed.
// For an API that tells, write a [Func].
func Seq[T any](list func(ctx context.Context, req Request) iter.Seq2[T, error]) API {
	return Func(func(ctx context.Context, req Request) iter.Seq2[*Page, error] {
		return func(yield func(*Page, error) bool) {
			last, err := inPages(list(ctx, req), yield)
			switch {
			case last == nil:
			case err != nil:
				_ = (len(last.Objects) == 0 || yield(last, nil)) && yield(nil, err)
			case ctx.Err() != nil: // an iterator may end with its context, and say nothing
				yield(nil, ctx.Err())
			default:
				yield(last, nil)
			}
		}
	})
}

// inPages yields all pages but the last. It returns that, with the error that ended
// the items, or nil if yield wants no more.
func inPages[T any](items iter.Seq2[T, error], yield func(*Page, error) bool) (*Page, error) {
	page := &Page{Number: 1}
	for item, err := range items {
		if err != nil {
			return page, err
		}
		if len(page.Objects) == seqPage {
			page.More = true
			if !yield(page, nil) {
				return nil, nil
			}
			page = &Page{Number: page.Number + 1}
		}
		if err := page.add(item); err != nil {
			return page, err
		}
	}
	return page, nil
}
