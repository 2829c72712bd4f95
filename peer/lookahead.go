package peer

import (
	"context"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// lookAhead finds the keys of all rows that changes name, with one statement for each model and
// installation instead of one for each row.
func (n *names) lookAhead(ctx context.Context, dialect backend.Dialect, models map[string]*model, list []*Change) error {
	wanted := map[namedRow][]backend.ID{} // without original, which is in the ids
	var want func(m *model, name Name)
	want = func(m *model, name Name) {
		if !m.translated {
			for i, part := range name.Key {
				if i < len(m.key) && part.Row != nil && m.refs[m.key[i]] != nil {
					want(m.refs[m.key[i]], *part.Row)
				}
			}
			return
		}
		if len(name.Key) != 1 || name.Origin == "" || name.Origin == n.guid {
			return
		}
		of := namedRow{m, name.Origin, name.Key[0].Text}
		if _, known := n.keyed[of]; known || n.absent[of] {
			return
		}
		n.absent[of] = true
		group := namedRow{m: m, origin: name.Origin}
		wanted[group] = append(wanted[group], backend.TextID(of.original))
	}
	for _, c := range list {
		m := models[c.Model]
		if m == nil {
			continue
		}
		want(m, c.Row)
		for _, rows := range []map[string]Name{c.Rows.Old, c.Rows.New} {
			for column, name := range rows {
				if to := m.refs[column]; to != nil {
					want(to, name)
				}
			}
		}
	}
	for group, ids := range wanted {
		query := squirrel.Select("original_key", "local_key").From(identities).
			Where(squirrel.Expr("model = ? AND origin = ?", group.m.Name, group.origin)).Where(dialect.AnyID("original_key", backend.Text, ids))
		err := store.Each(ctx, n.q, query, func(rows store.Rows) error {
			var original, key string
			err := rows.Scan(&original, &key)
			n.remember(group.m, Name{Origin: group.origin, Key: []Part{{Text: original}}}, key)
			return err
		})
		if err != nil {
			n.forget()
			return err
		}
	}
	return nil
}
