package peer

import (
	"context"
	"errors"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/store"
)

const withheld = "{synced_peer_withheld}"

// Withheld names a row of the receiver's that the sender of a snapshot never had: its creation
// was skipped or refused there, or is in conflict.
type Withheld struct {
	Model string `json:"model"`
	Row   Name   `json:"row"`
}

// check returns what is wrong with one that a peer sent.
func (w *Withheld) check() error {
	if w.Model == "" || len(w.Model) > longestName {
		return errors.New("a row of no model")
	}
	return w.Row.check()
}

// withhold notes that a row of the peer's is not made here, unless it is here.
func (a *applying) withhold(ctx context.Context, c *Change) error {
	if c.Op == remove || c.Op == forget {
		return a.release(ctx, c)
	}
	if m := a.peer.byName[c.Model]; m != nil {
		key, err := a.names.key(ctx, m, c.Row)
		if err == nil {
			_, err = a.peer.journalKey(m, key)
		}
		if err == nil { // else no row here has such a name
			s, err := a.peer.stateOf(ctx, a.tx, m, key)
			if err != nil || s.exists() || s.known {
				return err
			}
		}
	}
	_, err := a.tx.Exec(ctx, squirrel.Insert(withheld).Columns("peer", "model", "row_name").Values(a.from.GUID, c.Model, c.Row.String()).Suffix("ON CONFLICT DO NOTHING"))
	return err
}

// release notes that a row is made here after all, or is gone on the peer as well.
func (a *applying) release(ctx context.Context, c *Change) error {
	if !a.withheld {
		return nil
	}
	_, err := a.tx.Exec(ctx, squirrel.Delete(withheld).Where(squirrel.Expr("peer = ? AND model = ? AND row_name = ?", a.from.GUID, c.Model, c.Row.String())))
	return err
}

// withheldAfter lists rows of a peer that never were here, and those that wait in a snapshot of the
// peer's or in conflicts: whether they are here is told by the pages before.
func withheldAfter(ctx context.Context, q store.Querier, guid string, after Withheld, most int) (list []Withheld, err error) {
	row := ""
	if after.Model != "" {
		row = after.Row.String()
	}
	query := squirrel.Expr("SELECT model, row_name FROM (SELECT model, row_name FROM "+withheld+" WHERE peer = ?"+
		" UNION SELECT model, row_name FROM "+conflicts+" WHERE peer = ? AND resolved_at IS NULL"+
		" UNION SELECT model, row_name FROM "+staged+" WHERE peer = ? AND NOT done) AS w WHERE (model, row_name) > (?, ?) ORDER BY model, row_name LIMIT ?",
		guid, guid, guid, after.Model, row, most)
	err = store.Each(ctx, q, query, func(rows store.Rows) error {
		var w Withheld
		var name string
		err := rows.Scan(&w.Model, &name)
		if err == nil {
			err = decode([]byte(name), &w.Row)
		}
		list = append(list, w)
		return err
	})
	return list, err
}
