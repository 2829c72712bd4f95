package feed

import (
	"context"
	"iter"
	"sync/atomic"

	"github.com/syncedgo/synced/internal/page"
)

// mostBytesAhead is how many bytes of objects pages may have that were taken from the API and
// are not dealt with, before the next one is taken. Pages of 500 records of 100 kB have 50 MB
// each: with six on the way at once, a run that found nothing new took 280 MB, and with one
// 80 MB and half the time.
const mostBytesAhead = 32 << 20

// room is the memory that pages take between being fetched and having been dealt with. A
// page that is larger than all of it is on its way alone.
type room struct {
	held  atomic.Int64
	freed chan struct{} // has something where room was made since somebody looked
}

func newRoom() *room { return &room{freed: make(chan struct{}, 1)} }

// fetched takes room for each page that was fetched, and fetches another once there is room
// for one that is as large.
func (r *room) fetched(ctx context.Context, pages iter.Seq2[*page.Received, error]) iter.Seq2[*page.Received, error] {
	return func(yield func(*page.Received, error) bool) {
		for p, err := range pages {
			n := int64(sizeOf(p).bytes)
			r.held.Add(n)
			if !yield(p, err) || !r.wait(ctx, n) {
				return
			}
		}
	}
}

// wait waits until there is room for another n bytes, and reports whether there is.
func (r *room) wait(ctx context.Context, n int64) bool {
	for held := r.held.Load(); held > 0 && held+n > mostBytesAhead; held = r.held.Load() {
		select {
		case <-r.freed:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// dealtWith frees the room of each page when the next is wanted.
func (r *room) dealtWith(pages iter.Seq2[*page.Received, error]) iter.Seq2[*page.Received, error] {
	return func(yield func(*page.Received, error) bool) {
		for p, err := range pages {
			n := int64(sizeOf(p).bytes)
			if !yield(p, err) {
				return
			}
			r.held.Add(-n)
			select {
			case r.freed <- struct{}{}:
			default:
			}
		}
	}
}
