package engine

import (
	"context"
	"fmt"
	"iter"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/spool"
	"github.com/syncedgo/synced/report"
)

// atomic receives every page before it writes the first, and writes them, the
// removals and the time in one transaction.
func (r *run) atomic(ctx context.Context) error {
	var s spool.Spool
	defer s.Close()
	var same report.Counts
	for received, err := range r.pages(ctx) {
		if err != nil {
			return r.notReceived(received, err)
		}
		p, err := r.accept(received)
		if err == nil {
			err = r.fetchParents(ctx, p)
		}
		if err == nil && len(p.rows) > 0 {
			err = s.Add(p.number, p.objects)
		}
		if err != nil {
			return r.fail(received.Number, err)
		}
		r.count(&same, p, nil)
		r.recycle(p)
	}
	remove, err := r.toRemove(ctx, nil)
	if err != nil {
		return r.fail(0, err)
	}
	return r.fail(0, r.finish(ctx, func(tx backend.Tx) error {
		r.counts().Add(same)
		for received, err := range ahead(ctx, func(context.Context) iter.Seq2[*received, error] { return r.prepared(s.Pages()) }) {
			if err != nil {
				return fmt.Errorf("read the spool: %w", err)
			}
			p, err := unspooled(received)
			if err == nil {
				err = r.write(ctx, tx, p)
			}
			if err != nil {
				return r.fail(p.number, err)
			}
		}
		return nil
	}, remove))
}

// unspooled is a page that was accepted before.
func unspooled(received *received) (*page, error) {
	p := newPage(received.Number, len(received.records))
	for i, record := range received.records {
		if record.err != nil {
			return p, record.err
		}
		p.add(record.row, received.Objects[i])
	}
	return p, nil
}
