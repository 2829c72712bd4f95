package remote_test

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/syncedgo/synced/remote"
)

// Villas is a client that somebody else made.
type Villas struct{ all []VillaDTO }

// VillaDTO is what it lists.
type VillaDTO struct {
	ID        int       `json:"id"`
	Title     string    `json:"title"`
	ChangedAt time.Time `json:"changed_at"`
}

// List lists the villas that changed since a time.
func (v *Villas) List(_ context.Context, since time.Time) iter.Seq2[VillaDTO, error] {
	return func(yield func(VillaDTO, error) bool) {
		for _, villa := range v.all {
			if !villa.ChangedAt.Before(since) && !yield(villa, nil) {
				return
			}
		}
	}
}

// Page lists two villas from a position on.
func (v *Villas) Page(_ context.Context, after string) (villas []VillaDTO, next string, err error) {
	start := 0
	if after != "" {
		if _, err := fmt.Sscan(after, &start); err != nil {
			return nil, "", err
		}
	}
	end := min(start+2, len(v.all))
	if end < len(v.all) {
		next = fmt.Sprint(end)
	}
	return v.all[start:end], next, nil
}

func newVillas() *Villas {
	day := func(d int) time.Time { return time.Date(2026, 1, d, 0, 0, 0, 0, time.UTC) }
	return &Villas{all: []VillaDTO{{1, "Chalet", day(1)}, {2, "Cabin", day(2)}, {3, "Hut", day(3)}}}
}

func printPages(api remote.API, req remote.Request) {
	for page, err := range api.Pages(context.Background(), req) {
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, o := range page.Objects {
			fmt.Printf("page %d: %s\n", page.Number, o.Raw())
		}
	}
}

// A service's own client that lists with an iterator.
func ExampleSeq() {
	sdk := newVillas()
	api := remote.Seq(func(ctx context.Context, req remote.Request) iter.Seq2[VillaDTO, error] {
		return sdk.List(ctx, req.UpdatedSince)
	})
	printPages(api, remote.Request{UpdatedSince: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)})
	// Output:
	// page 1: {"id":2,"title":"Cabin","changed_at":"2026-01-02T00:00:00Z"}
	// page 1: {"id":3,"title":"Hut","changed_at":"2026-01-03T00:00:00Z"}
}

// A service's own client that lists page by page.
func ExamplePageFunc() {
	sdk := newVillas()
	api := remote.PageFunc(func(ctx context.Context, _ remote.Request, cursor string) ([]VillaDTO, string, error) {
		return sdk.Page(ctx, cursor)
	})
	printPages(api, remote.Request{})
	// Output:
	// page 1: {"id":1,"title":"Chalet","changed_at":"2026-01-01T00:00:00Z"}
	// page 1: {"id":2,"title":"Cabin","changed_at":"2026-01-02T00:00:00Z"}
	// page 2: {"id":3,"title":"Hut","changed_at":"2026-01-03T00:00:00Z"}
}
