package rest

import (
	"context"
	"iter"

	"github.com/syncedgo/synced/internal/recycle"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

// lister lists the pages of an API's lists.
type lister struct {
	config    *Config
	asker     *asker
	addresses *addresses
	// declared and totalHeader report whether the user set Config.Pagination, and
	// Config.TotalHeader.
	declared, totalHeader bool
}

// newLister makes a lister of a config that is valid. Pages are read into the memory
// of bodies.
func newLister(config Config, requests *wire.Client, bodies *recycle.Bodies) *lister {
	l := &lister{declared: config.Pagination != nil, totalHeader: config.TotalHeader != "" && config.TotalHeader != None}
	told := config.Deleted.Path != "" && config.Deleted.Path != None
	config = config.withDefaults()
	l.config = &config
	l.asker = &asker{config: &config, wire: requests, bodies: bodies, deletedTold: told, carrier: newCarrier(&config)}
	l.addresses = &addresses{config: &config, wire: requests}
	return l
}

// list asks for the pages of one list.
func (l *lister) list(ctx context.Context, req remote.Request, envelope envelope) iter.Seq2[*remote.Page, error] {
	return func(yield func(*remote.Page, error) bool) {
		first, err := l.addresses.first(req)
		if err != nil {
			yield(nil, err)
			return
		}
		walk := &walk{lister: l, ahead: newAhead(ctx, l, envelope), next: first, resumed: req.Cursor != ""}
		defer walk.ahead.drop()
		walk.ahead.header = l.config.Since.header(req.UpdatedSince)
		if !walk.resumed && walk.ahead.header == nil {
			walk.ahead.condition = l.asker.condition(req.Validator)
		}
		for walk.next != nil {
			page, err := walk.page()
			if !yield(page, err) || err != nil {
				return
			}
			if walk.err != nil {
				yield(nil, walk.err)
				return
			}
		}
	}
}
