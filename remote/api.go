package remote

import (
	"context"
	"iter"
)

// API lists remote objects, page by page. rest.Client is the one for HTTP; a service
// adapts its own client with [Func], [Seq] or [PageFunc].
//
// Pages is called once for each run. The sequence is lazy: a request is made when its
// page is asked for. It yields pages in the remote's order, and an error at most
// once, last; a page that comes with an error only tells what it cost, in
// Requests and Bytes. It ends without an error only after the remote's last page: what is
// missing from such a sequence may be removed locally. Breaking out of it, and
// the end of ctx, release everything that it holds.
//
// Implementations are safe for concurrent use. The caller owns the pages: their
// bytes are not changed after they were yielded.
type API interface {
	Pages(ctx context.Context, req Request) iter.Seq2[*Page, error]
}

// Func makes an [API] of a function.
type Func func(ctx context.Context, req Request) iter.Seq2[*Page, error]

// Pages calls f.
func (f Func) Pages(ctx context.Context, req Request) iter.Seq2[*Page, error] { return f(ctx, req) }

var _ API = Func(nil)
