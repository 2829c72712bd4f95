package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"slices"

	"github.com/syncedgo/synced/internal/proof"
	"github.com/syncedgo/synced/remote"
)

// PerValue is a list that comes in parts, one for each value of a parameter: one per
// status, per currency, per region. All of them are one list: it is complete when each is,
// its total is that of all, and its time is that of the first page of the first.
//
//	PerValue{Param: "status", Values: []string{"open", "closed"}}
//
// A record is in one of the parts. One that comes in two has moved meanwhile, so that
// another may have come in none: such a list shifts, see remote.Page.Shifting. Records that
// are asked for by their ids are asked for without the parameter.
type PerValue struct {
	// Param names the parameter, and Values what it is asked with, in this order.
	Param  string
	Values []string
}

// validate returns what is wrong with the settings.
func (v PerValue) validate(c Config) error {
	sorted := slices.Sorted(slices.Values(v.Values))
	switch {
	case (v.Param == "") != (len(v.Values) == 0):
		return errors.New("per value: want Param and Values, or none of them")
	case len(slices.Compact(sorted)) < len(v.Values):
		return errors.New("per value: Values has one twice")
	case len(v.Values) > 0 && c.Conditional:
		return errors.New("per value: Conditional is for one list: a page stands for no other")
	case len(v.Values) > 0 && c.Position.Path != "" && !c.Feed.on():
		return errors.New("per value: Position is for one list: each part would have its own")
	}
	return nil
}

// request asks for the list of one value.
func (v PerValue) request(req remote.Request, value string) (remote.Request, error) {
	if req.Query.Has(v.Param) {
		return req, fmt.Errorf("remote: endpoint %q: the request's Query has %s, which rest.PerValue sets", req.Endpoint, v.Param)
	}
	req.Query = maps.Clone(req.Query)
	if req.Query == nil {
		req.Query = url.Values{}
	}
	req.Query.Set(v.Param, value)
	return req, nil
}

// resumed is which list a cursor continues.
func (v PerValue) resumed(cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	u, err := url.Parse(cursor)
	if err == nil {
		if i := slices.Index(v.Values, u.Query().Get(v.Param)); i >= 0 {
			return i, nil
		}
	}
	return 0, fmt.Errorf("remote: cursor: %w: it names no value of rest.PerValue", remote.ErrInvalid)
}

// lists asks for the pages of the list, or of its parts one after the other.
func (l *lister) lists(ctx context.Context, req remote.Request, e envelope) iter.Seq2[*remote.Page, error] {
	values := l.config.PerValue.Values
	if len(values) == 0 {
		return l.list(ctx, req, e)
	}
	return func(yield func(*remote.Page, error) bool) {
		at, err := l.config.PerValue.resumed(req.Cursor)
		if err != nil {
			yield(nil, err)
			return
		}
		all := &parts{whole: at == 0 && req.Cursor == "", req: req, envelope: e}
		all.req.Validator = ""
		for ; at < len(values); at++ {
			if !all.list(ctx, l, values[at:], yield) {
				return
			}
			all.req.Cursor = ""
		}
	}
}

// parts is one walk over the parts of a list.
type parts struct {
	req      remote.Request
	envelope envelope
	whole    bool   // the totals of all parts so far are known
	number   int    // of the last page
	total    int    // of the parts before
	unended  string // why a part before may not have ended
}

// list yields the pages of the first of the parts that are left, and reports whether to
// continue.
func (p *parts) list(ctx context.Context, l *lister, left []string, yield func(*remote.Page, error) bool) bool {
	per := l.config.PerValue
	walk, err := p.begin(ctx, l, left)
	if err != nil {
		return yield(nil, err) && false
	}
	defer walk.ahead.drop()
	var evidence proof.List
	for walk.next != nil {
		page, err := walk.page()
		if page != nil {
			p.number++
			page.Number = p.number
		}
		if err == nil {
			evidence.Page(proof.Page{Total: page.Total, TotalKnown: page.TotalKnown, Records: len(page.Objects), More: walk.next != nil, Shifting: page.Shifting, Partial: page.Partial, Unended: page.Unended})
			page.Unended = ""
			if walk.next == nil && walk.err == nil {
				p.end(page, &evidence, walk, per.Param+"="+left[0])
			}
			p.tell(page, len(left) == 1)
		} else {
			err = fmt.Errorf("%s=%s: %w", per.Param, left[0], err)
		}
		if !yield(page, err) || err != nil {
			return false
		}
		if walk.err != nil {
			yield(nil, fmt.Errorf("%s=%s: %w", per.Param, left[0], walk.err))
			return false
		}
	}
	return true
}

// begin starts the first of the parts that are left.
func (p *parts) begin(ctx context.Context, l *lister, left []string) (*walk, error) {
	req, err := l.config.PerValue.request(p.req, left[0])
	if err != nil {
		return nil, err
	}
	walk, err := l.walk(ctx, req, p.envelope)
	if err != nil || len(left) == 1 {
		return walk, err
	}
	req, err = l.config.PerValue.request(p.req, left[1])
	req.Cursor = ""
	if err == nil {
		walk.after, err = l.addresses.first(req)
	}
	return walk, err
}

// end takes note of the end of a part, with its last page.
func (p *parts) end(page *remote.Page, evidence *proof.List, walk *walk, name string) {
	if page.Partial == "" && !walk.resumed {
		if why := evidence.NotStored(walk.seen); why != "" && why != evidence.Unended {
			page.Partial = name + ": " + why
		}
	}
	if evidence.Unended != "" && p.unended == "" {
		p.unended = name + ": " + evidence.Unended
	}
	p.whole = p.whole && page.TotalKnown
	if walk.after != nil {
		p.total += page.Total
	}
}

// tell makes a page one of the whole list.
func (p *parts) tell(page *remote.Page, last bool) {
	page.Shifting, page.Validator = true, ""
	page.TotalKnown = page.TotalKnown && p.whole && last
	if page.TotalKnown {
		page.Total += p.total
	} else {
		page.Total = 0
	}
	if last && !page.More {
		page.Unended = p.unended
	}
}
