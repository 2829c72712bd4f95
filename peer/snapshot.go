package peer

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"
	"github.com/go-json-experiment/json"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/journal"
)

// Page is a part of a snapshot: all rows that a peer may see, for one that has no position in
// the journal from which it could resume.
type Page struct {
	// From is the position of the journal when the first page was read: the changes after it
	// follow the snapshot. Upto is the position when this page was read.
	From int64 `json:"from"`
	Upto int64 `json:"upto"`
	// Cursor asks for this page, empty for the first, and Next for the page after it, empty of
	// the last.
	Cursor string `json:"cursor"`
	Next   string `json:"next"`
	// Done is the last of the receiver's changes that was done here when the first page was read:
	// the receiver removes and replaces nothing that it changed later. Version is that of the
	// change at From.
	Done    int64  `json:"done,omitzero"`
	Version string `json:"version,omitempty"`
	// Rows are creations. Their Seq counts from 1. Of one that the receiver changed after Done,
	// Bases has the last version that came from there.
	Rows []Change `json:"rows"`
	// Ended is the model of which this page has the last rows. The receiver removes no rows of
	// models that never ended.
	Ended string `json:"ended,omitempty"`
	// Withheld are rows of the receiver's that the sender never had. They follow the last rows.
	Withheld []Withheld `json:"withheld,omitempty"`
}

// check returns what is wrong with a page that a peer sent.
func (p *Page) check() error {
	if p.From < 0 || p.Upto < p.From || len(p.Cursor) > mostCursor || len(p.Next) > mostCursor || p.Done < 0 || max(len(p.Version), len(p.Ended)) > longestName {
		return fmt.Errorf("a page of a snapshot from %d to %d", p.From, p.Upto)
	}
	for i := range p.Rows {
		c := &p.Rows[i]
		if err := c.check(); err != nil || c.Op != create {
			return fmt.Errorf("row %d of a snapshot: %w", c.Seq, err)
		}
	}
	for i := range p.Withheld {
		if err := p.Withheld[i].check(); err != nil {
			return fmt.Errorf("a row that the sender of a snapshot never had: %w", err)
		}
	}
	return nil
}

// mostCursor is how long a cursor may be.
const mostCursor = 4096

// cursor is a place in a snapshot: the position of its beginning, what of the receiver's was done
// then, and the next rows. Model is empty behind the rows.
type cursor struct {
	From  int64       `json:"f"`
	Done  int64       `json:"d"`
	Model string      `json:"m"`
	After journal.Key `json:"a"`
	// Held is the last of the rows that never were here, where those follow.
	Held *Withheld `json:"h,omitempty"`
}

// first is the version of rows that were there before the journal: all installations that get
// one from here give it the same.
func first(guid string) journal.Version { return journal.Version{Time: 1, Origin: guid} }

// Snapshot returns a page of the rows that a peer may see, by the Next of the page before, or
// "" for the first.
func (p *Peer) Snapshot(ctx context.Context, to Remote, at string) (*Page, error) {
	page, err := p.snapshot(ctx, to, at)
	if err != nil {
		return nil, fmt.Errorf("snapshot for %s: %w", to.Name, err)
	}
	return page, nil
}

func (p *applier) snapshot(ctx context.Context, to Remote, at string) (*Page, error) {
	last, err := p.journal.Last(ctx)
	if err != nil {
		return nil, err
	}
	// After the position, and before the rows: what is done later comes again, or is not counted.
	had, err := p.receipt(ctx, to.GUID)
	if err != nil {
		return nil, err
	}
	given, err := given(ctx, p.db, to.GUID)
	if err != nil {
		return nil, err
	}
	c := cursor{From: last, Done: max(had.Processed, 0), Model: p.modelAfter("", given)}
	if at != "" {
		c = cursor{}
		if err := json.Unmarshal([]byte(at), &c); err != nil || p.byName[c.Model] == nil && c.Held == nil || c.From > last || c.Done < 0 {
			return nil, fmt.Errorf("%w: the cursor of a snapshot makes no sense: begin again", errMessage)
		}
	}
	if err := p.late(ctx, to, c.From, at == "", given); err != nil {
		return nil, err
	}
	page := &Page{From: c.From, Cursor: at, Done: c.Done}
	if page.Version, err = p.versionAt(ctx, c.From); err != nil {
		return nil, err
	}
	s := &sending{peer: p, to: to, names: newNames(p.db, p.GUID()), batch: &Batch{After: c.From, Upto: c.From}, seen: map[rowOfKey]sight{}, meanwhile: had.Received > c.Done, given: given}
	switch {
	case c.Held != nil:
		err = s.addWithheld(ctx, &c, page)
	case c.Model != "":
		err = s.addRows(ctx, &c, page)
	}
	if err != nil {
		return nil, err
	}
	if c.Model != "" || c.Held != nil {
		next, err := encode(c)
		if err != nil {
			return nil, err
		}
		page.Next = string(next)
	}
	if page.Upto, err = p.journal.Last(ctx); err != nil {
		return nil, err
	}
	return page, s.keepSnapshot(ctx, page)
}

// addRows puts rows into a page, and moves the cursor behind them.
func (s *sending) addRows(ctx context.Context, c *cursor, page *Page) error {
	p, m := s.peer, s.peer.byName[c.Model]
	rows, err := p.rows.After(ctx, m.Table, c.After, p.config.MaxChanges)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := s.addRow(ctx, m, row, page); err != nil {
			return err
		}
		if c.After = row.Key; s.bytes >= p.config.MaxBatchBytes {
			break
		}
	}
	if len(rows) == p.config.MaxChanges || len(rows) > 0 && c.After != rows[len(rows)-1].Key {
		return nil
	}
	page.Ended = m.Name
	if c.Model, c.After = p.modelAfter(m.Name, s.given), ""; c.Model == "" {
		some, err := withheldAfter(ctx, p.db, s.to.GUID, Withheld{}, 1)
		if len(some) > 0 {
			c.Held = &Withheld{}
		}
		return err
	}
	return nil
}

// addWithheld puts rows of the receiver's into a page that never were here.
func (s *sending) addWithheld(ctx context.Context, c *cursor, page *Page) (err error) {
	page.Withheld, err = withheldAfter(ctx, s.peer.db, s.to.GUID, *c.Held, s.peer.config.MaxChanges)
	c.Held = nil
	if n := len(page.Withheld); n == s.peer.config.MaxChanges {
		c.Held = &page.Withheld[n-1]
	}
	return err
}

// late returns a [*PositionError] for who asks for a page of a snapshot, and has acknowledged
// changes after it, or such as the journal goes on from.
func (p *core) late(ctx context.Context, to Remote, from int64, first bool, given map[string]int64) error {
	s, _, err := standingOf(ctx, p.db, to.GUID)
	late := err == nil && from < s.sent
	if err == nil && first && s.sent > 0 {
		late, err = p.covers(ctx, to.GUID, s.sent, given)
	}
	if late {
		return &PositionError{After: from, Expected: s.sent}
	}
	return err
}

// modelAfter is the name of the model that follows another, of those that the peer has: "" stands
// before the first, and behind the last.
func (p *core) modelAfter(name string, given map[string]int64) string {
	behind := name == ""
	for _, m := range p.models {
		if since, is := given[m.Table]; behind && !(is && since == lacks) {
			return m.Name
		}
		behind = behind || m.Name == name
	}
	return ""
}

// addRow puts a row into a page, if the peer may see it.
func (s *sending) addRow(ctx context.Context, m *model, row journal.Kept, page *Page) error {
	version := row.Version
	if version.IsZero() {
		version = first(s.peer.GUID())
	}
	c := journal.Change{Seq: int64(len(page.Rows)) + 1, Last: true, Origin: s.peer.GUID(), Model: m.Table, Key: row.Key, Op: journal.Create, New: row.Row, Version: version, At: version.At()}
	if may := s.peer.config.Recipients; may != nil {
		visible, err := may(ctx, c, s.to)
		if err != nil || !visible {
			return err
		}
		s.see(m, row.Key, sight{seq: s.batch.After, has: true})
	}
	sent, err := s.translate(ctx, m, c)
	if err == nil {
		var open *dispute
		open, err = s.peer.openDispute(ctx, s.peer.db, s.to.GUID, m, sent.Row.String())
		sent.Disputed = open != nil
	}
	if err == nil && s.meanwhile {
		sent.Bases, err = s.cameFrom(ctx, m, row.Key)
	}
	if err != nil {
		return fmt.Errorf("row %s of %s: %w", row.Key, m.Name, err)
	}
	s.bytes += sent.size()
	page.Rows = append(page.Rows, *sent)
	return nil
}

// cameFrom returns the version of a row that came from the peer last.
func (s *sending) cameFrom(ctx context.Context, m *model, key journal.Key) ([]string, error) {
	history, err := s.peer.rows.History(ctx, s.peer.db, m.Table, key)
	for _, c := range history {
		if c.Via == s.to.GUID && !c.Version.IsZero() {
			return []string{c.Version.String()}, err
		}
	}
	return nil, err
}

// keepSnapshot stores which rows the peer has once it has the page, and that it has all of a
// model with its last one.
func (s *sending) keepSnapshot(ctx context.Context, page *Page) error {
	if s.peer.config.Recipients == nil && page.Ended == "" {
		return nil
	}
	return s.peer.inTx(ctx, func(ctx context.Context, tx backend.Tx) (err error) {
		if page.Cursor == "" && s.peer.config.Recipients != nil {
			_, err = tx.Exec(ctx, squirrel.Delete(peerRows).Where(squirrel.Expr("peer = ?", s.to.GUID)))
		}
		for row, now := range s.seen {
			if err == nil {
				err = s.keep(ctx, tx, row, now)
			}
		}
		if err == nil && page.Ended != "" {
			err = give(ctx, tx, s.to.GUID, page.From, s.peer.byName[page.Ended].Table)
		}
		return err
	})
}
