package remote

import (
	"context"
	"iter"
	"time"
)

// Getter is an [API] that can also fetch one object by its id. Where there is none,
// Get returns [ErrNotFound].
type Getter interface {
	Get(ctx context.Context, req Request, id string) (Object, error)
}

// ManyGetter is a [Getter] that can fetch objects by lists of ids. Those that are
// not listed do not exist. GetMany yields errors.ErrUnsupported first where the API
// can't do that after all.
type ManyGetter interface {
	Getter
	GetMany(ctx context.Context, req Request, ids []string) iter.Seq2[*Page, error]
}

// TimeReader is an [API] that knows how times are spelt in its records.
type TimeReader interface {
	// ReadTime reads a time from a record, which is not null.
	ReadTime(v Value) (time.Time, error)
}
