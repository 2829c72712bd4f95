package peer

import (
	"context"
	"errors"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

const identities = "{synced_identities}"

// errUnknownRow is a name of a row that is not here.
var errUnknownRow = errors.New("the row is not here")

// names translates between the keys of this database and the names that peers use. It
// remembers what it found, so it belongs to one transaction or to one page.
type names struct {
	q    store.Querier
	guid string
	// named and keyed are two ways to look up one list, and absent are the names that no row has.
	named  map[rowOf]Name
	keyed  map[namedRow]string
	absent map[namedRow]bool
}

// rowOf is a row by its key, as text.
type rowOf struct {
	m   *model
	key string
}

// namedRow is a row by the key that its installation gave.
type namedRow struct {
	m                *model
	origin, original string
}

func newNames(q store.Querier, guid string) *names {
	return &names{q: q, guid: guid, named: map[rowOf]Name{}, keyed: map[namedRow]string{}, absent: map[namedRow]bool{}}
}

// remember notes that a row has a name, and no other row has it.
func (n *names) remember(m *model, name Name, key string) {
	if len(n.named)+len(n.absent) > mostNames {
		n.forget()
	}
	of := namedRow{m, name.Origin, name.Key[0].Text}
	if before, ok := n.keyed[of]; ok {
		delete(n.named, rowOf{m, before})
	}
	if before, ok := n.named[rowOf{m, key}]; ok {
		delete(n.keyed, namedRow{m, before.Origin, before.Key[0].Text})
	}
	n.keyed[of], n.named[rowOf{m, key}] = key, name
	delete(n.absent, of)
}

// forget drops what is remembered, since names may be others now.
func (n *names) forget() {
	clear(n.named)
	clear(n.keyed)
	clear(n.absent)
}

// most is how many names are remembered.
const mostNames = 10000

// name returns the name of a row. One that nobody else made was made here.
func (n *names) name(ctx context.Context, m *model, key []string) (Name, error) {
	if m.translated {
		return n.given(ctx, m, key[0])
	}
	named := Name{Key: make([]Part, len(key))}
	for i, text := range key {
		to := m.refs[m.key[i]]
		if to == nil {
			named.Key[i].Text = text
			continue
		}
		row, err := n.given(ctx, to, text)
		if err != nil {
			return Name{}, err
		}
		named.Key[i].Row = &row
	}
	return named, nil
}

// given returns the name of a row whose key its installation gave.
func (n *names) given(ctx context.Context, m *model, key string) (Name, error) {
	if known, ok := n.named[rowOf{m, key}]; ok {
		return known, nil
	}
	origin, original := n.guid, key
	_, err := store.One(ctx, n.q, squirrel.Select("origin", "original_key").From(identities).
		Where(squirrel.Expr("model = ? AND local_key = ?", m.Name, key)), &origin, &original)
	if err != nil {
		return Name{}, fmt.Errorf("name row %s of %s: %w", key, m.Name, err)
	}
	name := Name{Origin: origin, Key: []Part{{Text: original}}}
	n.remember(m, name, key)
	return name, nil
}

// key returns the key that a row has here, which may be gone. A row that was never here is
// errUnknownRow.
func (n *names) key(ctx context.Context, m *model, name Name) ([]string, error) {
	if m.translated != (name.Origin != "") || !m.translated && len(name.Key) != len(m.key) {
		return nil, fmt.Errorf("a row of %s is named by %s: give the model the same key and the same SameKeys on both sides", m.Name, name)
	}
	if m.translated {
		key, err := n.localKey(ctx, m, name)
		return []string{key}, err
	}
	key := make([]string, len(name.Key))
	for i, part := range name.Key {
		to := m.refs[m.key[i]]
		switch {
		case (to == nil) != (part.Row == nil):
			return nil, fmt.Errorf("a row of %s is named by %s: declare the same references on both sides", m.Name, name)
		case to == nil:
			key[i] = part.Text
			continue
		}
		local, err := n.key(ctx, to, *part.Row)
		if err != nil {
			return nil, err
		}
		key[i] = local[0]
	}
	return key, nil
}

func (n *names) localKey(ctx context.Context, m *model, name Name) (string, error) {
	original := name.Key[0].Text
	if name.Origin == n.guid {
		return original, nil
	}
	of := namedRow{m, name.Origin, original}
	if known, ok := n.keyed[of]; ok {
		return known, nil
	}
	unknown := fmt.Errorf("%w: %s %s", errUnknownRow, m.Name, name)
	if n.absent[of] {
		return "", unknown
	}
	var key string
	found, err := store.One(ctx, n.q, squirrel.Select("local_key").From(identities).
		Where(squirrel.Expr("model = ? AND origin = ? AND original_key = ?", m.Name, name.Origin, original)), &key)
	if err == nil && !found {
		err = unknown
	}
	if err != nil {
		return "", err
	}
	n.remember(m, name, key)
	return key, nil
}

// keep notes the key that a row of another installation got here, by the change of a peer.
// SQLite may give a key again whose row was removed: it names the new row from now on.
func (n *names) keep(ctx context.Context, tx backend.Tx, m *model, name Name, key, peer string, seq int64) error {
	insert := squirrel.Insert(identities).Columns("model", "origin", "original_key", "local_key", "peer", "seq").
		Values(m.Name, name.Origin, name.Key[0].Text, key, peer, seq)
	if tx.Dialect().Schemas() {
		_, err := tx.Exec(ctx, squirrel.Delete(identities).Where(squirrel.Expr("model = ? AND local_key = ?", m.Name, key)))
		if err != nil {
			return err
		}
		insert = insert.Suffix("ON CONFLICT (model, origin, original_key) DO UPDATE SET local_key = excluded.local_key, peer = excluded.peer, seq = excluded.seq")
	} else {
		insert = insert.Options("OR REPLACE") // also of the row that had the key
	}
	_, err := tx.Exec(ctx, insert)
	n.remember(m, name, key)
	return err
}
