package peer

import (
	"context"
	"slices"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/store"
)

// state is a row as it is here.
type state struct {
	// key is empty where the row never was here.
	key     []string
	journal journal.Key
	row     journal.Row // nil where it is not there
	// version is that of the row, or of its deletion, where the journal has seen it.
	version journal.Version
	known   bool
}

func (s state) exists() bool { return s.row != nil }

// stateOf reads a row.
func (p *core) stateOf(ctx context.Context, q store.Querier, m *model, key []string) (s state, err error) {
	if key == nil {
		return s, nil
	}
	s.key = key
	if s.journal, err = p.journalKey(m, key); err != nil {
		return s, err
	}
	if s.row, err = p.rows.Row(ctx, q, m.Table, s.journal); err != nil {
		return s, err
	}
	now, known, err := p.journal.Version(ctx, q, m.Table, s.journal)
	s.version, s.known = now.Version, known && !now.Version.IsZero()
	return s, err
}

// before returns the row as it was before both sides changed it: it undoes what was done here
// since. It returns nil if there was no row then, or if the journal no longer tells. Idle reports
// whether nothing was changed here that peers would get.
func (p *core) before(ctx context.Context, q store.Querier, in *incoming, s state) (row journal.Row, idle bool, err error) {
	if in.Op == create || s.key == nil {
		return nil, false, nil
	}
	history, err := p.rows.History(ctx, q, in.m.Table, s.journal)
	if err != nil {
		return nil, false, err
	}
	row, idle = s.row, true
	known := true
	for i, c := range history {
		if slices.Contains(in.bases, c.Version) {
			if !known {
				row = leftBy(history[i:])
			}
			return row, idle, nil
		}
		idle = idle && c.Op == journal.Update && c.Old != nil && len(exchanged(in.m, c.New)) == 0
		switch {
		case c.Op == journal.Create:
			row, known = nil, true
		case c.Old == nil:
			known = false // a decision, or a table that is compared: what it changed is not known
		case c.Op == journal.Delete:
			row, known = c.Old, true
		default:
			row = over(row, c.Old)
		}
	}
	if len(in.bases) > 0 || !known {
		return nil, false, nil
	}
	return row, idle, nil
}

// leftBy is the row as the first of its changes left it, the newest first, by what it and those
// before it made of it. It is nil where they do not go back to a whole row.
func leftBy(history []journal.Change) journal.Row {
	for i, c := range history {
		switch {
		case c.Op == journal.Delete:
			return nil
		case c.Op == journal.Create || len(c.Bases) > 1:
			row := c.New
			for _, later := range slices.Backward(history[:i]) {
				row = over(row, later.New)
			}
			return row
		}
	}
	return nil
}
