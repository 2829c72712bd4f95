package rows

import (
	"context"
	"fmt"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/store"
)

// Kept is the object that a row keeps.
type Kept struct {
	remote.Object
	// Hash is the fingerprint of the row: nil where it was edited here, where it is
	// canceled, and where the table has none.
	Hash *int64
}

// Objects reads the objects that rows keep, by their ids. A row that keeps none, or what
// is none of its record, is not among them.
func Objects(ctx context.Context, q backend.Querier, m *model.Model, scope any, ids []backend.ID) (map[backend.ID]Kept, error) {
	return objects(ctx, q, m, scope, ids, "")
}

// ObjectsLocked does so in a transaction, and locks the rows: they stay as they are found
// until it ends.
func ObjectsLocked(ctx context.Context, tx backend.Querier, m *model.Model, scope any, ids []backend.ID) (map[backend.ID]Kept, error) {
	return objects(ctx, tx, m, scope, ids, tx.Dialect().Lock())
}

func objects(ctx context.Context, q backend.Querier, m *model.Model, scope any, ids []backend.ID, lock string) (map[backend.ID]Kept, error) {
	found := make(map[backend.ID]Kept, len(ids))
	query := Selecting(m).Column(hashOf(m)).Where(q.Dialect().Rows(m.Table, scope, ids))
	if lock != "" {
		query = query.OrderBy(store.Quote(m.Table.ID)).Suffix(lock) // all lock rows in the same order
	}
	err := store.Each(ctx, q, query, func(r store.Rows) (err error) {
		var s Stored
		var k Kept
		if s.ID, s.Row, s.Misfits, err = m.Table.Scan(r, &s.Canceled, &k.Hash); err != nil {
			return err
		}
		if o, kept, err := Object(m, s); err == nil && kept {
			k.Object = o
			found[s.ID] = k
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the stored objects: %w", err)
	}
	return found, nil
}

// hashOf selects the fingerprint of rows.
func hashOf(m *model.Model) string {
	if m.Table.Hash == "" {
		return "NULL"
	}
	return store.Quote(m.Table.Hash)
}

// Object returns the object that a row keeps, and whether it keeps one: an empty one is
// the default of the column. The error is that of a column that holds something else.
func Object(m *model.Model, s Stored) (o remote.Object, kept bool, err error) {
	v, err := backend.Plain(s.Row.Pointers[m.Table.Index(m.Table.Data)])
	text, _ := v.(string)
	if err != nil || text == "" || text == "null" {
		return o, false, err
	}
	if o, err = remote.ParseObject([]byte(text)); err != nil {
		return o, false, fmt.Errorf("the stored object: %w", err)
	}
	o = m.Redactor.Kept(o)
	if len(o.Raw()) < 8 && strings.ReplaceAll(string(o.Raw()), " ", "") == "{}" {
		return o, false, nil
	}
	if m.Plan.ByContent() {
		return o, true, nil // what is volatile may have changed since
	}
	id, err := m.Plan.ID(o)
	if err == nil && id != s.ID {
		err = fmt.Errorf("the stored object is that of %s", id)
	}
	return o, err == nil, err
}
