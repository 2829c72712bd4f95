package remote

import (
	"context"
	"fmt"
	"iter"

	"github.com/syncedgo/synced/internal/offsets"
)

// maxPages bounds a list, in case it never ends.
const maxPages = 100_000

// PageFunc makes an [API] of a function that lists one page, such as a call of a
// service's own client. It is given "" for the first page, and for the others
// what it returned as the next one: a cursor, or a page number as text; "" ends
// the list. A next page that was asked for before is [ErrPageRepeated], and one
// page more than 100,000 is [ErrTooManyPages]. A next page that looks like a position,
// such as a small number or base64 of one, makes the pages shift, see [Shifting]. Items
// become objects as those of [Seq] do; what is said there of deletions and the clock
// holds as well.
func PageFunc[T any](list func(ctx context.Context, req Request, cursor string) (items []T, next string, err error)) API {
	return Func(func(ctx context.Context, req Request) iter.Seq2[*Page, error] {
		return func(yield func(*Page, error) bool) {
			asked := map[string]bool{}
			shifts, seen := false, 0
			for number, cursor := 1, ""; ; number++ {
				asked[cursor] = true
				items, next, err := list(ctx, req, cursor)
				page := &Page{Number: number, Requests: 1}
				if err == nil {
					err = addAll(page, items)
				}
				if err != nil {
					yield(&Page{Number: number, Requests: 1}, err)
					return
				}
				// The page is good even where the way on is not.
				err = checkNext(number, next, asked)
				page.More = next != "" && err == nil
				seen += len(page.Objects)
				shifts = shifts || next != "" && offsets.In(next, seen)
				page.Shifting = shifts
				if !yield(page, nil) || next == "" {
					return
				}
				if err != nil {
					yield(nil, err)
					return
				}
				cursor = next
			}
		}
	})
}

// checkNext refuses a next page that would never end, or miss the rest of the list.
func checkNext(number int, next string, asked map[string]bool) error {
	switch {
	case next == "":
		return nil
	case asked[next]:
		return fmt.Errorf("page %d: next page %q: %w: return \"\" after the last page", number, next, ErrPageRepeated)
	case number >= maxPages:
		return fmt.Errorf("page %d: %w: more than %d", number, ErrTooManyPages, maxPages)
	}
	return nil
}

// addAll puts items on the page.
func addAll[T any](p *Page, items []T) error {
	for _, item := range items {
		if err := p.add(item); err != nil {
			return err
		}
	}
	return nil
}
