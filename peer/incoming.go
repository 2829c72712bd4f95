package peer

import (
	"context"
	"errors"
	"fmt"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/remote"
)

// incoming is a change of a peer, in the keys of this database.
type incoming struct {
	*Change
	m *model
	// key is the row's, nil where it never was here.
	key      []string
	old, new journal.Row
	version  journal.Version
	bases    []journal.Version
	// follows reports whether the change is one with the open conflict about the row.
	follows bool
}

// whole reports whether the change has the whole row.
func (in *incoming) whole() bool { return in.Op == create || len(in.bases) > 1 }

// gone reports whether the row goes.
func (in *incoming) gone() bool { return in.Op == remove || in.Op == forget }

// follow makes a row of a snapshot a change of what is here.
func (in *incoming) follow(bases ...journal.Version) {
	c := *in.Change
	c.Bases = nil
	for _, base := range bases {
		c.Bases = append(c.Bases, base.String())
	}
	in.Change, in.bases = &c, bases
}

// translate reads a change in the keys of this database. One that refers to a row that never
// was here is errUnknownRow.
func (n *names) translate(ctx context.Context, m *model, c *Change) (*incoming, error) {
	return n.read(ctx, m, c, false)
}

// read is translate. A lenient one leaves references to unknown rows out.
func (n *names) read(ctx context.Context, m *model, c *Change, lenient bool) (in *incoming, err error) {
	in = &incoming{Change: c, m: m}
	if in.version, err = journal.ParseVersion(c.Version); err != nil {
		return nil, err
	}
	for _, text := range c.Bases {
		base, err := journal.ParseVersion(text)
		if err != nil {
			return nil, err
		}
		in.bases = append(in.bases, base)
	}
	if in.key, err = n.key(ctx, m, c.Row); errors.Is(err, errUnknownRow) {
		in.key, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	if in.old, err = n.row(ctx, m, c.Old, c.Rows.Old, true); err != nil {
		return nil, err
	}
	if in.gone() {
		return in, nil
	}
	if in.new, err = n.row(ctx, m, c.New, c.Rows.New, lenient); err != nil {
		return nil, err
	}
	if in.whole() && in.key != nil { // also of a row that was here, and comes again
		for i, column := range m.key {
			in.new[column] = m.keyValue(i, in.key[i])
		}
	}
	return in, nil
}

// row reads the values of a row that the table has. References to rows that are not here are
// an error, or are left out.
func (n *names) row(ctx context.Context, m *model, values map[string]remote.Value, rows map[string]Name, lenient bool) (journal.Row, error) {
	if values == nil && rows == nil {
		return nil, nil
	}
	row := journal.Row{}
	for column, raw := range values {
		c, has := m.table.Column(column)
		if !has || !m.exchanges(column) {
			continue
		}
		v, err := decodeValue(raw)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", column, err)
		}
		if m.refs[column] != nil && v != nil {
			return nil, fmt.Errorf("column %q: the peer sends a value, and this side wants the name of a row of %s: declare the same keys on both sides", c.Name, m.refs[column].Name)
		}
		row[c.Name] = v
	}
	for column, name := range rows {
		c, has := m.table.Column(column)
		if !has || !m.exchanges(column) {
			continue
		}
		to := m.refs[column]
		if to == nil {
			return nil, fmt.Errorf("column %q: the peer sends the name of a row, and this side wants a value: declare the same keys on both sides", c.Name)
		}
		key, err := n.key(ctx, to, name)
		if lenient && errors.Is(err, errUnknownRow) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", column, err)
		}
		row[c.Name] = to.keyValue(0, key[0])
	}
	return row, nil
}
