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

// ManyGetter is a [Getter] that can fetch objects by lists of ids. Those that it does
// not list do not exist. Where the API can't do that after all, GetMany first yields
// errors.ErrUnsupported.
type ManyGetter interface {
	Getter
	GetMany(ctx context.Context, req Request, ids []string) iter.Seq2[*Page, error]
}

// Windower is an [API] that can be asked for what changed in a span of time.
type Windower interface {
	// Window returns the longest span that one request may ask for. Ends reports whether
	// the API takes Request.UpdatedUntil at all; where it does not, the window is zero.
	Window() (w Window, ends bool)
}

// Window is the span of time that one request of an API may ask for.
type Window struct {
	// Longest is the longest time between Request.UpdatedSince and UpdatedUntil, and each
	// list is then asked for with both: a run asks for one window after the other. Zero is
	// no limit.
	Longest time.Duration
	// InFlight is how many windows may be asked for at once. Less than 2 is one by one.
	InFlight int
}

// TimeReader is an [API] that knows how times are spelled in its records.
type TimeReader interface {
	// ReadTime reads a time from a record, which is not null.
	ReadTime(v Value) (time.Time, error)
}
