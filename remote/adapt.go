package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"reflect"
	"slices"
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
			page := &Page{Number: 1}
			for item, err := range list(ctx, req) {
				if err == nil && len(page.Objects) == seqPage {
					page.More = true
					if !yield(page, nil) {
						return
					}
					page = &Page{Number: page.Number + 1}
				}
				if err == nil {
					err = page.add(item)
				}
				if err != nil {
					_ = (len(page.Objects) == 0 || yield(page, nil)) && yield(nil, err)
					return
				}
			}
			// An iterator may end with its context, and say nothing.
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			yield(page, nil)
		}
	})
}

// PageFunc makes an [API] of a function that lists one page, such as a call of a
// service's own client. It is given "" for the first page, and for the others
// what it returned as the next one: a cursor, or a page number as text; "" ends
// the list. A next page that was asked for before is [ErrPageRepeated], and one
// more than [DefaultMaxPages] is [ErrTooManyPages]. Items become objects as those
// of [Seq] do; what is said there of deletions and the clock holds as well.
func PageFunc[T any](list func(ctx context.Context, req Request, cursor string) (items []T, next string, err error)) API {
	return Func(func(ctx context.Context, req Request) iter.Seq2[*Page, error] {
		return func(yield func(*Page, error) bool) {
			asked := map[string]bool{}
			for number, cursor := 1, ""; ; number++ {
				asked[cursor] = true
				items, next, err := list(ctx, req, cursor)
				page := &Page{Number: number, More: next != "", Requests: 1}
				for _, item := range items {
					if err == nil {
						err = page.add(item)
					}
				}
				if err != nil {
					yield(&Page{Number: number, Requests: 1}, err)
					return
				}
				switch {
				case asked[next] && next != "":
					err = fmt.Errorf("page %d: next page %q: %w", number, next, ErrPageRepeated)
				case next != "" && number >= DefaultMaxPages:
					err = fmt.Errorf("page %d: %w: more than %d", number, ErrTooManyPages, DefaultMaxPages)
				}
				page.More = page.More && err == nil
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

// add puts an item on the page.
func (p *Page) add(item any) error {
	o, err := objectOf(item)
	if err != nil {
		return fmt.Errorf("page %d: item %d: %w", p.Number, len(p.Objects)+1, err)
	}
	p.Objects = append(p.Objects, o)
	return nil
}

// objectOf encodes an item as its own client's authors meant it: the tags of
// their types are those of encoding/json.
func objectOf(item any) (Object, error) {
	if o, ok := item.(Object); ok {
		return o, nil
	}
	if v := reflect.ValueOf(item); v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
		return ParseObject(slices.Clone(v.Bytes())) // an iterator may use them again
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(item); err != nil {
		return Object{}, fmt.Errorf("encode %T: %w", item, err)
	}
	return ParseObject(b.Bytes())
}
