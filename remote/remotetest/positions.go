package remotetest

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"time"
)

// Positions is how the last page of a list tells where the collection's changes stand, for
// a later request to ask for those since: a sync token or a delta link. It needs a Style
// with ByCursor. The zero value is none. [GoogleSync] and [GraphDelta] are ready-made.
//
// What changes while pages are read is told after the position too.
type Positions struct {
	// Path is where the last page has the position: "nextSyncToken". See [Style] for paths.
	Path string
	// Param names the parameter that it is asked with: "syncToken".
	Param string
	// URL writes the URL to ask at Path, in place of the position: "@odata.deltaLink".
	URL bool
	// Deleted has the members of a deleted record beside its id: {"status": "cancelled"}.
	// Only changes list deleted records.
	Deleted Record
	// Repeats lists each change of a record, not the last only.
	Repeats bool
	// Retention is how long a position is good for. Older ones, and what is none, are
	// answered by Status. They default to for ever, and to a 410.
	Retention time.Duration
	Status    int
}

// withDefaults fills the zero values.
func (p Positions) withDefaults(s Style) Positions {
	if p.Path != "" && s.By != ByCursor {
		panic("remotetest: Positions need a Style with ByCursor: a page's cursor has the position of before the first")
	}
	p.Status = cmp.Or(p.Status, http.StatusGone)
	return p
}

// position is one as it is sent: after how many changes of the account, and when.
type position struct {
	seq int
	at  time.Time
}

func (p position) String() string { return fmt.Sprintf("%d-%d", p.seq, p.at.Unix()) }

// read reads the parameter.
func (p Positions) read(q url.Values) (at position, asked, ok bool) {
	text := q.Get(p.Param)
	if p.Path == "" || text == "" {
		return position{}, false, true
	}
	var unix int64
	n, err := fmt.Sscanf(text, "%d-%d", &at.seq, &unix)
	at.at = time.Unix(unix, 0)
	return at, true, n == 2 && err == nil && at.seq >= 0
}

// refuse answers a position that the API no longer knows, or never did.
func (p Positions) refuse(req Request) *answer {
	at, _, ok := p.read(req.Query)
	if ok && (at.at.IsZero() || p.knows(at, req.At)) {
		return nil
	}
	return problem(p.Status, "resync", "the position is no longer known: ask for everything")
}

// startOf answers where the events stand.
func (l lister) startOf(a *Account, req Request) []byte {
	var d document
	if !l.quirks.NoPosition {
		d.set(l.config.Positions.Path, encode(position{len(a.history), req.At}.String()))
	}
	return d.bytes()
}

// knows reports whether a position is still good for something.
func (p Positions) knows(at position, now time.Time) bool {
	return p.Retention <= 0 || !at.at.Before(now.Add(-p.Retention))
}

// stand has the pages of a list carry where its changes stood at the first, and the last
// one tell it.
func (l lister) stand(p *page, req Request, q question, last *entry) {
	config := l.config
	if config.Positions.Path == "" || config.Events.Start != "" && !q.events {
		return
	}
	round := q.place.round
	if round == "" {
		round = position{l.changes, req.At}.String()
	}
	switch {
	case p.more && q.ordered():
		p.next = cursor{Seq: last.seq, Round: round}.encode()
	case p.more:
		p.next = cursor{After: []byte(last.key), Round: round}.encode()
	case !l.quirks.NoPosition:
		p.stands = round
	}
}

// changedSince returns the records of a collection that changed after a position, as its list tells
// them; the caller holds mu.
func (c *Collection) changedSince(seq int) []*entry {
	p := c.config().Positions
	var list []*entry
	for _, h := range c.account.since(seq, c, p.Repeats) {
		raw := h.raw
		if h.what == "deleted" {
			gone := map[string]any{}
			maps.Copy(gone, p.Deleted)
			gone[c.config().Style.ID] = valueOf(h.key)
			raw = encode(gone)
		}
		list = append(list, &entry{key: h.key, raw: raw, at: h.at, seq: h.seq})
	}
	return list
}
