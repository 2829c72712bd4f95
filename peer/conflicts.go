package peer

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/store"
)

const conflicts = "{synced_conflicts}"

// What a conflict is about.
const (
	ofRow      = "row"      // both sides changed it
	ofParent   = "parent"   // the change refers to a row that is gone
	ofChildren = "children" // others refer to the row that goes
	ofValue    = "value"    // another row has what only one may have
)

// dispute is a conflict as it is kept.
type dispute struct {
	id, peer string
	m        *model
	name     string
	key      journal.Key
	kind     string
	change   *Change
	base     journal.Row
	theirs   journal.Row
	// undecided reports whether the peer decides.
	undecided  bool
	reason     string
	at         time.Time
	resolved   time.Time
	resolution string
}

// disputes reads conflicts.
func (p *settler) disputes(ctx context.Context, q store.Querier, where squirrel.Sqlizer, suffix string) (list []*dispute, err error) {
	query := squirrel.Select("id", "peer", "model", "row_name", "local_key", "kind", "change", "coalesce(base_row, '')", "coalesce(their_row, '')",
		"undecided", "reason", "found_at", "resolved_at", "resolution").From(conflicts).Where(where).OrderBy("found_at", "id").Suffix(suffix)
	err = store.Each(ctx, q, query, func(rows store.Rows) error {
		d := &dispute{change: &Change{}}
		var model, change, base, theirs string
		var found, resolved backend.Time
		err := rows.Scan(&d.id, &d.peer, &model, &d.name, (*string)(&d.key), &d.kind, &change, &base, &theirs, &d.undecided, &d.reason, &found, &resolved, &d.resolution)
		if err != nil {
			return err
		}
		d.at, d.resolved, d.m = found.Time, resolved.Time, p.byName[model]
		if d.m == nil {
			return nil // it is no longer exchanged
		}
		if err := decode([]byte(change), d.change); err != nil {
			return err
		}
		if d.base, err = decodeRow(base); err != nil {
			return err
		}
		d.theirs, err = decodeRow(theirs)
		list = append(list, d)
		return err
	})
	return list, err
}

// openDispute finds the open conflict with a peer about a row.
func (p *settler) openDispute(ctx context.Context, q store.Querier, peer string, m *model, name string) (*dispute, error) {
	list, err := p.disputes(ctx, q, squirrel.Expr("peer = ? AND model = ? AND row_name = ? AND resolved_at IS NULL", peer, m.Name, name), "")
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// keep stores a conflict: a new one, or what became of it.
func (d *dispute) keep(ctx context.Context, tx store.Tx) error {
	change, err := encode(d.change)
	if err != nil {
		return err
	}
	base, err := encodeRow(d.base)
	if err != nil {
		return err
	}
	theirs, err := encodeRow(d.theirs)
	if err != nil {
		return err
	}
	if d.id == "" {
		d.id = rand.Text()
	}
	_, err = tx.Exec(ctx, squirrel.Insert(conflicts).
		Columns("id", "peer", "model", "row_name", "local_key", "kind", "seq", "change", "base_row", "their_row", "undecided", "reason", "found_at").
		Values(d.id, d.peer, d.m.Name, d.name, string(d.key), d.kind, d.change.Seq, string(change), orNull(base), orNull(theirs), d.undecided, d.reason, backend.Moment(d.at)).
		Suffix("ON CONFLICT (id) DO UPDATE SET local_key = excluded.local_key, kind = excluded.kind, seq = excluded.seq, change = excluded.change,"+
			" base_row = excluded.base_row, their_row = excluded.their_row, undecided = excluded.undecided, reason = excluded.reason"))
	return err
}

// settle closes the open conflicts with a peer about a row; peer "" is any.
func settle(ctx context.Context, tx store.Tx, peer string, m *model, name, resolution string, at time.Time) error {
	update := squirrel.Update(conflicts).Set("resolved_at", backend.Moment(at)).Set("resolution", resolution).
		Where(squirrel.Expr("model = ? AND row_name = ? AND resolved_at IS NULL", m.Name, name))
	if peer != "" {
		update = update.Where(squirrel.Expr("peer = ?", peer))
	}
	_, err := tx.Exec(ctx, update)
	return err
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
