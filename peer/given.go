package peer

import (
	"context"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/store"
)

const peerModels = "{synced_peer_models}"

// nothing is the position of a peer that never had anything.
const nothing = -1

// lacks stands in the place of a position for a model that the peer does not have.
const lacks = -2

// covers reports whether a peer that has the changes up to a position needs no snapshot: the
// journal has all that follows, and of each model it has all rows, or the peer was given those
// that it has not. A model that is added later was not given to anybody. Given is what the peer
// was given.
func (p *core) covers(ctx context.Context, guid string, after int64, given map[string]int64) (bool, error) {
	pruned, err := p.journal.Pruned(ctx)
	if err != nil || max(after, 0) < pruned {
		return false, err
	}
	var found []string
	for _, m := range p.models {
		if since, is := given[m.Table]; is && (since == lacks || after > nothing && since <= after) {
			continue
		}
		if len(found) == 0 {
			// What is made now has its place first.
			if _, err := p.journal.Last(ctx); err != nil {
				return false, err
			}
		}
		if all, err := p.creates(ctx, m, after); err != nil || !all {
			return false, err
		}
		found = append(found, m.Table)
	}
	if len(found) == 0 {
		return true, nil
	}
	return true, p.inTx(ctx, func(ctx context.Context, tx backend.Tx) error { return give(ctx, tx, guid, max(after, 0), found...) })
}

// creates reports whether the journal has the creation of each row of a model after a position. Of
// others it may have changes, which mean nothing to who never had the row.
func (p *core) creates(ctx context.Context, m *model, after int64) (bool, error) {
	var rows, known int64
	_, err := store.One(ctx, p.db, squirrel.Expr("SELECT (SELECT count(*) FROM "+store.Quote(m.Table)+"), (SELECT count(*) FROM {synced_journal_rows} r WHERE model = ? AND NOT deleted"+
		" AND EXISTS (SELECT 1 FROM {synced_journal} c WHERE c.model = r.model AND c.key = r.key AND c.op = ? AND c.seq > ?))", m.Table, string(journal.Create), max(after, 0)), &rows, &known)
	return rows <= known, err
}

// given reads which models a peer was given, and since which position.
func given(ctx context.Context, q store.Querier, guid string) (map[string]int64, error) {
	given := map[string]int64{}
	err := store.Each(ctx, q, squirrel.Select("model", "since").From(peerModels).Where(squirrel.Expr("peer = ?", guid)), func(rows store.Rows) error {
		var table string
		var since int64
		err := rows.Scan(&table, &since)
		given[table] = since
		return err
	})
	return given, err
}

// give notes that a peer which gets the changes after a position has all rows of some tables.
func give(ctx context.Context, tx store.Tx, guid string, since int64, tables ...string) error {
	for _, table := range tables {
		_, err := tx.Exec(ctx, squirrel.Insert(peerModels).Columns("peer", "model", "since").Values(guid, table, since).
			Suffix("ON CONFLICT (peer, model) DO UPDATE SET since = excluded.since"))
		if err != nil {
			return err
		}
	}
	return nil
}

// pass notes that changes of tables were passed over, since they are of no model here: a peer that
// was given their rows no longer has all of them.
func (p *core) pass(ctx context.Context, guid string, tables map[string]bool) error {
	for table := range tables {
		if err := p.inTx(ctx, func(ctx context.Context, tx backend.Tx) error { return lose(ctx, tx, guid, table) }); err != nil {
			return err
		}
	}
	return nil
}

// lose notes that a peer does not have all rows of a table.
func lose(ctx context.Context, tx store.Tx, guid, table string) error {
	_, err := tx.Exec(ctx, squirrel.Delete(peerModels).Where(squirrel.Expr("peer = ? AND model = ?", guid, table)))
	return err
}

// takes notes which models a peer has, by what it says. One that it has from now on is given to it.
func (p *core) takes(ctx context.Context, tx store.Tx, guid string, models []string) error {
	if len(models) == 0 {
		return nil
	}
	had, err := given(ctx, tx, guid)
	for _, m := range p.models {
		since, is := had[m.Table]
		lacked := is && since == lacks
		switch has := slices.Contains(models, m.Name); {
		case err != nil || has != lacked: // as it was
		case has:
			err = lose(ctx, tx, guid, m.Table)
		default:
			err = give(ctx, tx, guid, lacks, m.Table)
		}
	}
	return err
}
