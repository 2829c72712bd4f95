package engine

import (
	"context"
	"fmt"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/store"
)

// atomic receives every page before it writes the first, and writes them, the
// removals and the time in one transaction.
func (r *run) atomic(ctx context.Context) error {
	var s spool
	defer s.close()
	for received, err := range r.pages(ctx) {
		if err != nil {
			return r.notReceived(received, err)
		}
		p, err := r.accept(received)
		if err == nil {
			err = r.fetchParents(ctx, p)
		}
		if err == nil {
			err = s.add(p)
		}
		if err != nil {
			return r.fail(received.Number, err)
		}
	}
	remove, err := r.toRemove(ctx)
	if err != nil {
		return r.fail(0, err)
	}
	return r.fail(0, r.finish(ctx, func(tx store.Tx) error {
		for number, objects := range s.pages() {
			p, err := r.unspool(number, objects)
			if err != nil {
				return r.fail(number, err)
			}
			if err := r.write(ctx, tx, p); err != nil {
				return r.fail(number, err)
			}
		}
		if err := s.err; err != nil {
			return fmt.Errorf("read the spool: %w", err)
		}
		return nil
	}, remove))
}

// unspool makes a page of objects that were accepted before.
func (r *run) unspool(number int, objects []remote.Object) (*page, error) {
	p := &page{number: number}
	for _, o := range objects {
		id, err := r.m.Plan.ID(o)
		if err != nil {
			return nil, err
		}
		p.add(r.row(id, o), o)
	}
	return p, nil
}
