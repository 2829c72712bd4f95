package remote

import (
	"context"
	"iter"
)

// Getter is an [API] that can also fetch one object by its id. [ErrNotFound]
// says that there is none.
type Getter interface {
	Get(ctx context.Context, req Request, id string) (Object, error)
}

// ManyGetter is a [Getter] that can fetch objects by lists of ids. Those that are
// not listed do not exist. errors.ErrUnsupported, as the first thing, says that
// the API can't do that after all.
type ManyGetter interface {
	Getter
	GetMany(ctx context.Context, req Request, ids []string) iter.Seq2[*Page, error]
}
