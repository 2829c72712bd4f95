package peer

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/remote"
)

// ErrAway is a position after which the journal has not all that the peer lacks: it was away too
// long, or there are rows of a model from before the journal, or before the model was exchanged,
// that the peer was never given. It gets a snapshot.
var ErrAway = errors.New("the journal does not go back to this position: a snapshot is needed")

// Changes returns the next changes after a position that a peer gets: what came from it is
// left out. Where there are none, the batch ends where it begins. A peer that never had anything
// is at -1. The error is ErrAway where the peer needs a snapshot, and a [*PositionError] where it
// has acknowledged more.
func (p *Peer) Changes(ctx context.Context, to Remote, after int64) (*Batch, error) {
	if err := p.reaches(ctx, to, after); err != nil {
		return nil, fmt.Errorf("changes for %s: %w", to.Name, err)
	}
	given, err := given(ctx, p.db, to.GUID)
	covers := false
	if err == nil {
		covers, err = p.covers(ctx, to.GUID, after, given)
	}
	if err != nil || !covers {
		return nil, fmt.Errorf("changes for %s after %d: %w", to.Name, after, cmp.Or(err, ErrAway))
	}
	s := &sending{peer: p.applier, to: to, names: newNames(p.db, p.GUID()), batch: &Batch{After: after, Upto: after}, seen: map[rowOfKey]sight{}, given: given, passed: map[string]bool{}}
	for c, err := range p.journal.Changes(ctx, max(after, 0)) {
		if errors.Is(err, journal.ErrPruned) {
			err = ErrAway
		}
		if err == nil {
			err = s.add(ctx, c)
		}
		if err != nil {
			return nil, fmt.Errorf("changes for %s: %w", to.Name, err)
		}
		if s.batch.More {
			break
		}
	}
	s.batch.Upto = max(s.batch.Upto, 0)
	err = s.keepSeen(ctx)
	if err == nil {
		err = p.pass(ctx, to.GUID, s.passed)
	}
	if err != nil {
		return nil, fmt.Errorf("changes for %s: %w", to.Name, err)
	}
	if s.batch.Since, err = p.versionAt(ctx, after); err == nil {
		s.batch.Version, err = p.versionAt(ctx, s.batch.Upto)
	}
	if err != nil {
		return nil, fmt.Errorf("changes for %s: %w", to.Name, err)
	}
	return s.batch, nil
}

// sending makes a batch.
type sending struct {
	peer  *applier
	to    Remote
	names *names
	batch *Batch
	bytes int
	// held is a change of a transaction that may be its last one for this peer.
	held *Change
	// seen is what the peer has of rows once it has the changes.
	seen map[rowOfKey]sight
	// meanwhile reports whether changes of the peer came since its snapshot was begun.
	meanwhile bool
	// given is which models the peer was given, and passed are those tables of which changes were
	// passed over since they are of no model.
	given  map[string]int64
	passed map[string]bool
}

// add takes the next change of the journal.
func (s *sending) add(ctx context.Context, c journal.Change) error {
	m := s.peer.byTable[c.Model]
	since, is := s.given[c.Model]
	switch {
	case m == nil && is && since != lacks:
		s.passed[c.Model] = true
		fallthrough
	case m == nil, is && since == lacks:
		return s.end(c)
	}
	shown, err := s.shown(ctx, m, c)
	if err != nil {
		return fmt.Errorf("change %d: %w", c.Seq, err)
	}
	if shown != nil {
		sent, err := s.translate(ctx, m, *shown)
		if err != nil {
			return fmt.Errorf("change %d: %w", c.Seq, err)
		}
		s.flush()
		s.held = sent
		if s.full() {
			s.batch.More = true // the one that is held begins the next batch
			return nil
		}
	}
	return s.end(c)
}

// end ends a transaction where a change is its last one.
func (s *sending) end(c journal.Change) error {
	if c.Last {
		if s.held != nil {
			s.held.Last = true
			s.flush()
		}
		s.batch.Upto = c.Seq
		s.batch.More = s.full()
	}
	return nil
}

// flush puts the change that is held into the batch.
func (s *sending) flush() {
	if s.held == nil {
		return
	}
	s.batch.Changes = append(s.batch.Changes, *s.held)
	s.batch.Upto = s.held.Seq
	s.bytes += s.held.size()
	s.held = nil
}

// full reports whether the batch has enough.
func (s *sending) full() bool {
	return len(s.batch.Changes) >= s.peer.config.MaxChanges || s.bytes >= s.peer.config.MaxBatchBytes
}

// size is about how long a change is as JSON.
func (c *Change) size() int {
	n := 300
	for _, values := range []map[string]remote.Value{c.Old, c.New} {
		for column, v := range values {
			n += len(column) + len(v) + 6
		}
	}
	return n
}

// translate writes a change as peers read it.
func (s *sending) translate(ctx context.Context, m *model, c journal.Change) (*Change, error) {
	key, err := s.peer.keyTexts(m, c.Key)
	if err != nil {
		return nil, err
	}
	name, err := s.names.name(ctx, m, key)
	if err != nil {
		return nil, err
	}
	sent := &Change{
		Seq: c.Seq, Origin: c.Origin, OriginSeq: c.OriginSeq, Model: m.Name, Row: name, Op: string(c.Op),
		Version: c.Version.String(), At: c.At,
	}
	for _, v := range c.Bases {
		sent.Bases = append(sent.Bases, v.String())
	}
	if sent.Old, sent.Rows.Old, err = s.names.values(ctx, m, c.Old); err != nil {
		return nil, err
	}
	if sent.New, sent.Rows.New, err = s.names.values(ctx, m, c.New); err != nil {
		return nil, err
	}
	return sent, nil
}

// values writes a row as peers read it.
func (n *names) values(ctx context.Context, m *model, row journal.Row) (values map[string]remote.Value, rows map[string]Name, err error) {
	if row == nil {
		return nil, nil, nil
	}
	values = map[string]remote.Value{}
	for column, v := range row {
		if !m.exchanges(column) {
			continue
		}
		text, err := encodeValue(v)
		if err != nil {
			return nil, nil, fmt.Errorf("column %q: %w", column, err)
		}
		to := m.refs[column]
		if to == nil || v == nil {
			values[column] = text
			continue
		}
		name, err := n.given(ctx, to, keyText(v))
		if err != nil {
			return nil, nil, err
		}
		if rows == nil {
			rows = map[string]Name{}
		}
		rows[column] = name
	}
	return values, rows, nil
}
