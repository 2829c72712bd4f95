package remote

import (
	"context"
	"iter"
)

// Shifting declares that the lists of an API are cut by position: its pages are
// [Page.Shifting], but for a list of one page. It is for [PageFunc], [Seq] and [Func];
// what api can do besides is not kept, so embed the result in a [Getter].
func Shifting(api API) API {
	return Func(func(ctx context.Context, req Request) iter.Seq2[*Page, error] {
		return func(yield func(*Page, error) bool) {
			for page, err := range api.Pages(ctx, req) {
				if page != nil && err == nil {
					page.Shifting = page.Shifting || page.More || page.Number > 1
				}
				if !yield(page, err) {
					return
				}
			}
		}
	})
}
