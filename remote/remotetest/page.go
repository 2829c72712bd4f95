package remotetest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// question is what a request asks of a list.
type question struct {
	place   place
	perPage int
	span
	asked bool // for changes only
	// position is that of the changes asked for, where there is one.
	position   position
	positioned bool
	events     bool // the list is that of events
}

// ordered reports whether the list is in the order of what happened.
func (q question) ordered() bool { return q.events || q.positioned }

// page is the part of a list, as it is now, that a request asked for.
type page struct {
	number, perPage, pages, total int
	start                         int // records before it
	pending                       int // records after it
	records                       []*entry
	deleted                       []string // the page's share; nil where nothing is said
	more, past                    bool     // past the end
	next                          string   // the parameter of the next page
	stands                        string   // where the changes stand, on the last page
}

// lister reads lists as the API does at the time of a request. Its methods need the
// server's mu, except question.
type lister struct {
	config *Config
	quirks Quirks
	// changes is how many the account has had.
	changes int
}

// question reads the parameters that select a page. Wrong says what can't be read,
// readable that the page can.
func (l lister) question(req Request) (q question, readable bool, wrong string) {
	style := l.config.Style
	size, ok := count(req.Query, style.Size, l.config.PerPage)
	if !ok {
		size, wrong = l.config.PerPage, style.Size+" is a number from 1"
	}
	q.perPage = min(size, l.config.MaxPerPage)
	if style.Whole || style.Format != AsJSON || l.config.Export != nil {
		q.perPage = 1 << 30
	}
	if q.place, readable = style.place(req.Query, q.perPage); !readable {
		wrong = style.Param + " can't be read"
	}
	since := l.config.Since
	if q.events = l.config.Events.Endpoint != "" && req.Collection == l.config.Events.Endpoint; q.events {
		since = l.config.Events.Since
	}
	if q.since, q.asked, ok = since.read(req.Query); !ok {
		wrong = since.Param + " is not a time"
	}
	if q.until, ok = since.end(req.Query); !ok {
		wrong = since.Until + " is not a time"
	}
	q.position, q.positioned, _ = l.config.Positions.read(req.Query)
	return q, readable, wrong
}

// number is the page that a request asks for, from 1; 0 where that can't be read.
// A cursor stands for a position in the list as it is now.
func (l lister) number(req Request, account *Account) int {
	q, readable, _ := l.question(req)
	if !readable {
		return 0
	}
	var list []*entry
	if account != nil && (l.config.Style.keyset() || l.config.Style.By == BySequence) {
		list, _ = l.list(req, account, q)
	}
	return (l.start(list, q)+q.perPage-1)/q.perPage + 1
}

// list returns what the pages are cut from, or nil and false if there is no such
// collection.
func (l lister) list(req Request, account *Account, q question) ([]*entry, bool) {
	var list []*entry
	var shared bool // with the collection
	if q.events {
		return account.listed(req, q), true
	}
	if c := account.collections[req.Collection]; c != nil && q.positioned {
		return c.changedSince(q.position.seq), true
	}
	if c := account.collections[req.Collection]; c != nil {
		list, shared = c.order, true
		if l.config.Style.By == BySequence {
			list, shared = c.changes(), false
		}
	} else if c := account.tombstonesOf(req.Collection); c != nil {
		list = c.tombstones()
	} else {
		return nil, false
	}
	late := l.quirks.HidesLate
	if q.asked || (l.quirks.Hidden != nil || l.quirks.Filter != "") && !late {
		var kept []*entry
		for _, e := range list {
			if (!q.asked || l.config.Since.lists(e.at, q.span)) && (late || !l.quirks.hides(req, e)) {
				kept = append(kept, e)
			}
		}
		list, shared = kept, false
	}
	if l.config.Style.keyset() || l.quirks.NewestFirst {
		if shared {
			list = slices.Clone(list)
		}
		if l.config.Style.keyset() {
			slices.SortFunc(list, func(a, b *entry) int { return compareKeys(a.key, b.key) })
		}
		if l.quirks.NewestFirst {
			slices.Reverse(list)
		}
	}
	return list, true
}

// start returns the position in the list at which a page begins.
func (l lister) start(list []*entry, q question) int {
	var after func(e *entry) bool
	switch {
	case q.ordered() && l.config.Style.By == ByLastID:
		return slices.IndexFunc(list, func(e *entry) bool { return e.key == q.place.after }) + 1
	case q.ordered() && !l.config.Style.keyset():
		return q.place.skip
	case l.config.Style.By == BySequence, q.ordered():
		after = func(e *entry) bool { return e.seq > q.place.seq }
	case !l.config.Style.keyset():
		return q.place.skip
	case q.place.after == "":
		return 0
	case l.quirks.NewestFirst:
		after = func(e *entry) bool { return compareKeys(e.key, q.place.after) < 0 }
	default:
		after = func(e *entry) bool { return compareKeys(e.key, q.place.after) > 0 }
	}
	if i := slices.IndexFunc(list, after); i >= 0 {
		return i
	}
	return len(list)
}

// page cuts a page. It deals deleted ids out to the pages, so that a client must
// gather them from all.
func (l lister) page(req Request, c *Collection, list []*entry, q question) page {
	start := l.start(list, q)
	p := page{number: (start+q.perPage-1)/q.perPage + 1, perPage: q.perPage, total: len(list)}
	p.pages = max(1, (p.total+p.perPage-1)/p.perPage)
	shown := p.total
	if l.quirks.Cap > 0 {
		shown = min(shown, l.quirks.Cap)
	}
	begin, end := min(start, shown), min(start+p.perPage, shown)
	p.start, p.more, p.pending = begin, end < shown, p.total-end
	p.past = q.place.skip > 0 && start >= p.total
	last := &entry{key: q.place.after, seq: q.place.seq}
	if end > begin {
		last = list[end-1]
	}
	if last.key != "" || l.config.Style.By == BySequence {
		p.next = l.config.Style.param(start+p.perPage, p.perPage, last)
	} else {
		p.next = l.config.Style.param(start+p.perPage, p.perPage, nil)
	}
	l.stand(&p, req, q, last)
	p.records = list[max(0, begin-l.quirks.Repeats):end]
	if begin == end {
		p.records = nil
	}
	if l.quirks.Incomplete != "" && len(p.records) > 0 {
		p.records = p.records[:len(p.records)-1]
	}
	l.mislead(&p, req, start)
	if l.quirks.HidesLate {
		p.records = slices.DeleteFunc(slices.Clone(p.records), func(e *entry) bool { return l.quirks.hides(req, e) })
	}
	if q.asked && c != nil && l.config.Deletions.IDs != "" && !l.quirks.NoDeletedIDs {
		p.deleted = []string{}
		dealt := 0
		for _, d := range c.deleted {
			if !l.config.Since.lists(d.at, q.span) {
				continue
			}
			here := dealt%p.pages == p.number-1
			if l.config.Style.keyset() {
				here = l.covers(d.key, q.place.after, last.key, end == p.total)
			}
			if here {
				p.deleted = append(p.deleted, d.key)
			}
			dealt++
		}
	}
	return p
}

// covers reports whether a key belongs to the page from one key, exclusive, to
// another. The first page, after "", and the last have no bound on their side. So
// a deleted id stays on its page, as a record does, whatever else changes.
func (l lister) covers(key, after, to string, last bool) bool {
	order := compareKeys
	if l.quirks.NewestFirst {
		order = func(a, b string) int { return compareKeys(b, a) }
	}
	return (after == "" || order(key, after) > 0) && (last || order(key, to) <= 0)
}

// mislead makes a page wrong about what follows it, as the quirks say.
func (l lister) mislead(p *page, req Request, start int) {
	style := l.config.Style
	p.total += l.quirks.WrongTotal
	p.more = p.more || l.quirks.EndlessNext || l.quirks.LoopingNext
	asked := req.Query.Get(style.Param)
	switch {
	case !l.quirks.LoopingNext || asked == "" && style.keyset(): // the first page has no cursor
	case asked == "":
		p.next = style.param(start, p.perPage, &entry{})
	default:
		p.next = asked
	}
}

// compareKeys orders ids: numbers by their value, then strings.
func compareKeys(a, b string) int {
	x, errX := strconv.ParseInt(a, 10, 64)
	y, errY := strconv.ParseInt(b, 10, 64)
	switch {
	case errX == nil && errY == nil:
		return cmp.Compare(x, y)
	case errX == nil:
		return -1
	case errY == nil:
		return 1
	}
	return strings.Compare(a, b)
}
