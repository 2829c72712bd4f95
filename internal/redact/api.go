package redact

import (
	"context"
	"iter"

	"github.com/syncedgo/synced/internal/recycle"
	"github.com/syncedgo/synced/remote"
)

// API returns an API that lists and gets redacted objects. It can do what api can.
func (r *Redactor) API(api remote.API) remote.API {
	if r == nil || api == nil {
		return api
	}
	one, isGetter := api.(remote.Getter)
	many, isMany := api.(remote.ManyGetter)
	times, reads := api.(remote.TimeReader)
	lists := lister{r, api}
	gets := getter{lists, one}
	getsMany := manyGetter{gets, many}
	switch {
	case isMany && reads:
		return struct {
			manyGetter
			remote.TimeReader
		}{getsMany, times}
	case isMany:
		return getsMany
	case isGetter && reads:
		return struct {
			getter
			remote.TimeReader
		}{gets, times}
	case isGetter:
		return gets
	case reads:
		return struct {
			lister
			remote.TimeReader
		}{lists, times}
	default:
		return lists
	}
}

// Recycle gives the memory of a page back to the client that listed it.
func Recycle(api remote.API, page recycle.Lent) {
	if wrapped, ok := api.(interface{ inner() remote.API }); ok {
		api = wrapped.inner()
	}
	recycle.Page(api, page)
}

type lister struct {
	redactor *Redactor
	api      remote.API
}

func (l lister) inner() remote.API { return l.api }

// Pages lists the pages of the API, redacted.
func (l lister) Pages(ctx context.Context, req remote.Request) iter.Seq2[*remote.Page, error] {
	return l.redactor.pages(l.api.Pages(ctx, req))
}

// Window is that of the API.
func (l lister) Window() (remote.Window, bool) {
	if w, ok := l.api.(remote.Windower); ok {
		return w.Window()
	}
	return remote.Window{}, false
}

// pages redacts pages, and what their errors quote.
func (r *Redactor) pages(pages iter.Seq2[*remote.Page, error]) iter.Seq2[*remote.Page, error] {
	return func(yield func(*remote.Page, error) bool) {
		for p, err := range pages {
			if p != nil {
				for i, o := range p.Objects {
					p.Objects[i] = r.Object(o)
				}
			}
			if !yield(p, r.unquoted(err)) {
				return
			}
		}
	}
}

type getter struct {
	lister
	api remote.Getter
}

// Get gets one object, redacted.
func (g getter) Get(ctx context.Context, req remote.Request, id string) (remote.Object, error) {
	o, err := g.api.Get(ctx, req, id)
	return g.redactor.Object(o), g.redactor.unquoted(err)
}

type manyGetter struct {
	getter
	api remote.ManyGetter
}

// GetMany gets objects by their ids, redacted.
func (m manyGetter) GetMany(ctx context.Context, req remote.Request, ids []string) iter.Seq2[*remote.Page, error] {
	return m.redactor.pages(m.api.GetMany(ctx, req, ids))
}
