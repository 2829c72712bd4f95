package rest

import (
	"fmt"
	"slices"

	"github.com/syncedgo/synced/internal/proof"
	"github.com/syncedgo/synced/remote"
)

// events makes of the events of one run what became of records.
type events struct {
	Feed
	seen map[string]bool // the keys of records whose last event came
	// evidence is what the pages say of the feed, and count is how many events came.
	evidence proof.List
	count    int
}

// event is one that is about a record.
type event struct {
	id      remote.Value
	key     string // the id as text: it may be a number in one event and a text in another
	record  remote.Object
	deleted bool
}

// page makes of a page of events one of what became of their records.
func (e *events) page(p *remote.Page) *remote.FormatError {
	e.count += len(p.Objects)
	e.evidence.Page(proof.Page{Total: p.Total, TotalKnown: p.TotalKnown, Records: len(p.Objects), More: p.More, Shifting: p.Shifting, Partial: p.Partial, Unended: p.Unended})
	if !p.More && p.Partial == "" {
		if why := e.evidence.NotStored(e.count); why != e.evidence.Unended && why != "" {
			p.Partial = "the feed: " + why
		}
	}
	p.Total, p.TotalKnown, p.Validator, p.Cursor = 0, false, "", ""
	var all []event
	for i, o := range p.Objects {
		found, about, err := e.event(o)
		if err != nil {
			return &remote.FormatError{Reason: fmt.Sprintf("event %d of the page: %v", i+1, err), Err: err}
		}
		if about {
			all = append(all, found)
		}
	}
	if e.NewestFirst {
		all = slices.DeleteFunc(all, e.again)
	}
	e.tell(p, all)
	return nil
}

// again reports whether a later event of the record came before.
func (e *events) again(of event) bool {
	before := e.seen[of.key]
	e.seen[of.key] = true
	return before
}

// tell puts what became of records on a page. Of one that was deleted and changed on the
// same page, the last counts.
func (e *events) tell(p *remote.Page, all []event) {
	last := make(map[string]int, len(all))
	for i, of := range all {
		last[of.key] = i
	}
	p.Objects, p.DeletedIDs = []remote.Object{}, nil
	if len(e.Deleted) > 0 {
		p.DeletedIDs = []remote.Value{}
	}
	switch {
	case e.RecordPath == "":
		p.ChangedIDs, p.Events = []remote.Value{}, remote.EventsInOrder
	case e.NewestFirst:
		p.Events = remote.LastEvents
	default:
		p.Events = remote.EventsInOrder
	}
	for i, of := range all {
		at := last[of.key]
		switch {
		case of.deleted && at == i:
			p.DeletedIDs = append(p.DeletedIDs, of.id)
		case of.deleted || all[at].deleted:
		case e.RecordPath != "":
			p.Objects = append(p.Objects, of.record)
		case at == i:
			p.ChangedIDs = append(p.ChangedIDs, of.id)
		}
	}
}

// event reads an event, and reports whether it is about a record of the list.
func (e *events) event(o remote.Object) (of event, about bool, err error) {
	kind, err := e.kind(o)
	if err != nil {
		return of, false, err
	}
	of.deleted = slices.Contains(e.Deleted, kind)
	if !of.deleted && len(e.Changed) > 0 && !slices.Contains(e.Changed, kind) {
		return of, false, nil
	}
	if !of.deleted && e.RecordPath != "" {
		v, ok := lookup(o.Raw(), e.RecordPath)
		if !ok || v.Kind() != '{' {
			return of, false, fmt.Errorf("no record at %q (rest.Feed.RecordPath)", e.RecordPath)
		}
		if of.record = remote.UncheckedObject(v); o.Err() != nil {
			of.record = remote.InvalidObject(v)
		}
	}
	path := e.ID
	setDefault(&path, e.RecordPath+".id")
	id, ok := lookup(o.Raw(), path)
	if !ok || id.Kind() != '0' && id.Kind() != '"' {
		return of, false, fmt.Errorf("no id of a record at %q (rest.Feed.ID)", path)
	}
	of.id = id
	of.key, err = textOf(id)
	return of, err == nil, err
}

// kind is the type of an event. Only where all are changes may it lack one.
func (e *events) kind(o remote.Object) (string, error) {
	if e.TypePath == "" {
		return "", nil
	}
	v, ok := lookup(o.Raw(), e.TypePath)
	switch {
	case !ok && len(e.Changed) == 0:
		return "", nil
	case !ok:
		return "", fmt.Errorf("no type at %q (rest.Feed.TypePath)", e.TypePath)
	case v.Kind() == 't' || v.Kind() == 'f':
		return string(v), nil
	}
	text, err := textOf(v)
	if err != nil {
		err = fmt.Errorf("the type at %q is %w (rest.Feed.TypePath)", e.TypePath, err)
	}
	return text, err
}
