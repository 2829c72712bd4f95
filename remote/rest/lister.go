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
	// parts leads from one file of Export.Download to the next, nil for one file alone;
	// perPage is sent to the first.
	parts   Pagination
	perPage int
}

// newLister makes a lister of a config that is valid. Pages are read into the memory
// of bodies.
func newLister(config Config, requests *wire.Client, bodies *recycle.Bodies) *lister {
	l := &lister{declared: config.Pagination != nil, totalHeader: config.TotalHeader != "" && config.TotalHeader != None}
	told := config.Deleted.Path != "" && config.Deleted.Path != None
	if config.Export != nil {
		l.parts, l.perPage, l.declared = config.Pagination, config.PerPage, false
		config.Pagination, config.PerPage = nil, 0 // the start of a job has no pages
	}
	config = config.withDefaults()
	l.config = &config
	l.asker = &asker{config: &config, wire: requests, bodies: bodies, deletedTold: told, carrier: newCarrier(&config)}
	l.addresses = &addresses{config: &config, wire: requests}
	return l
}

// list asks for the pages of one list.
func (l *lister) list(ctx context.Context, req remote.Request, envelope envelope) iter.Seq2[*remote.Page, error] {
	if l.config.Body != nil && !envelope.ids {
		return l.stream(ctx, req)
	}
	return func(yield func(*remote.Page, error) bool) {
		walk, err := l.walk(ctx, req, envelope)
		if err != nil {
			yield(nil, err)
			return
		}
		walk.pages(yield)
	}
}

// walk begins to go through one list. Its ahead must be dropped in the end, as pages does.
func (l *lister) walk(ctx context.Context, req remote.Request, envelope envelope) (*walk, error) {
	first, err := l.addresses.first(req)
	if err != nil {
		return nil, err
	}
	w := &walk{lister: l, ahead: newAhead(ctx, l, envelope), next: first, resumed: req.Cursor != ""}
	w.ahead.header = l.config.Since.header(req.UpdatedSince)
	if !w.resumed && w.ahead.header == nil {
		w.ahead.condition = l.asker.condition(req.Validator)
	}
	return w, nil
}
