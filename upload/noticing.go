package upload

import (
	"context"
	"encoding/json"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// page is how many rows are noted in one transaction: writers of the local database wait
// for it.
const page = 2000

// noticing notes how a table has changed, in the state of its fingerprints.
type noticing struct {
	db    backend.Store
	table Table
	local local
	state *state
	most  int // rows to note
	noted int
}

// all notes what changed since the last step, at most as many rows as it may.
func (n *noticing) all(ctx context.Context) error {
	if n.state.scanned == 0 {
		return n.scan(ctx)
	}
	switch {
	case n.table.triggered():
		if err := n.dirty(ctx); err != nil {
			return err
		}
	case n.table.Changes.column() != "":
		if done, err := n.newer(ctx); err != nil || !done {
			return err
		}
	}
	if due, err := n.due(ctx); err != nil || !due {
		return err
	}
	return n.scan(ctx)
}

// due reports whether the whole table is to be read: its time has come, or rows are gone
// that nothing tells of.
func (n *noticing) due(ctx context.Context) (bool, error) {
	every, triggered, ordered := n.table.every(), n.table.triggered(), n.table.Changes.column() != ""
	switch {
	case every > 0 && now()-n.state.scanned >= every.Milliseconds(), every == 0 && !triggered && !ordered:
		return true, nil
	case !ordered && !(triggered && n.local.mark.shape.replaced):
		return false, nil
	}
	rows, noted, err := n.local.count(ctx, n.db)
	if err != nil || triggered && !noted {
		return false, err // the rest is counted when it is noted
	}
	aside, err := n.refused(ctx)
	return rows != n.state.sum.Count+int64(len(aside)), err
}

// refused returns the fingerprints of rows that are set aside.
func (n *noticing) refused(ctx context.Context) (map[print]bool, error) {
	list, err := n.state.prints(ctx, n.db, squirrel.Expr("refused <> '' AND gone = 0"), 1<<40)
	aside := make(map[print]bool, len(list))
	for _, one := range list {
		aside[one.print] = true
	}
	return aside, err
}

// dirty notes the rows whose keys a trigger noted. It takes only keys that no writer holds,
// so that it waits for none, and none waits for it for long.
func (n *noticing) dirty(ctx context.Context) error {
	for n.noted < n.most {
		var keys []string
		whole := false
		err := n.state.write(ctx, n.db, func(ctx context.Context, tx writer, c changes) error {
			keys, whole = nil, false
			query := squirrel.Select("row_key").From("{synced_upload_dirty}").Where(squirrel.Eq{"table_name": n.table.Name}).Limit(page)
			if lock := tx.Dialect().Lock(); lock != "" {
				query = query.Suffix(lock + " SKIP LOCKED")
			}
			err := store.Each(ctx, tx, query, func(rows store.Rows) error {
				var key string
				err := rows.Scan(&key)
				keys = append(keys, key)
				return err
			})
			if err != nil || len(keys) == 0 {
				return err
			}
			ids := make([]backend.ID, len(keys))
			var named []string
			for i, key := range keys {
				ids[i] = backend.TextID(key)
				if key == "" {
					whole = true
				} else {
					named = append(named, key)
				}
			}
			if err := n.refresh(ctx, tx, c, named); err != nil {
				return err
			}
			_, err = tx.Exec(ctx, squirrel.Delete("{synced_upload_dirty}").Where(squirrel.And{
				squirrel.Eq{"table_name": n.table.Name}, tx.Dialect().AnyID("row_key", backend.Text, ids)}))
			if whole {
				n.state.scanned = 0
			}
			return err
		})
		if err != nil || len(keys) == 0 {
			return err
		}
		if n.state.scanned == 0 {
			return n.scan(ctx)
		}
	}
	return nil
}

// refresh notes rows as they are now, by their keys.
func (n *noticing) refresh(ctx context.Context, tx writer, c changes, keys []string) error {
	rows, err := n.local.byKeys(ctx, tx, keys)
	if err != nil {
		return err
	}
	there := make(map[string]bool, len(rows))
	for _, r := range rows {
		there[r.key] = true
	}
	var gone []stored
	for _, text := range keys {
		key, err := n.local.mark.shape.parseKey(text)
		if err != nil {
			n.state.scanned = 0 // a part has no value: to read the whole table tells of it
			continue
		}
		if pos, text := n.local.mark.find(key); !there[text] {
			gone = append(gone, stored{print: print{pos: pos}, key: text})
		}
	}
	noted, err := n.state.note(ctx, tx, c, rows, gone, false)
	n.noted += noted
	return err
}

// newer notes the rows whose version or time is greater than the last one's, and those that
// have the last one's, until that is settled. It reports whether it read all of them.
func (n *noticing) newer(ctx context.Context) (done bool, err error) {
	for read := 0; read < n.most; {
		var rows []row
		err := n.state.write(ctx, n.db, func(ctx context.Context, tx writer, c changes) error {
			var from notedTo
			if n.state.noted != "" {
				if err := json.Unmarshal([]byte(n.state.noted), &from); err != nil {
					return err
				}
			}
			from.begin(now())
			var to notedTo
			var err error
			if rows, to, err = n.local.after(ctx, tx, n.table.Changes.column(), from, page); err != nil {
				return err
			}
			to.reach(from, now(), len(rows) < page)
			noted, err := n.state.note(ctx, tx, c, rows, nil, false)
			if err != nil {
				return err
			}
			n.noted += noted
			text, err := json.Marshal(to)
			n.state.noted = string(text)
			return err
		})
		if err != nil || len(rows) < page {
			return true, err
		}
		read += len(rows)
	}
	return false, nil
}
