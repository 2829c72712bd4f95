package peer

import (
	"context"
	"maps"
	"slices"

	"github.com/syncedgo/synced/remote"
)

// following joins a change with the one that it was made on, where that waits in an open
// conflict: the two are one change of the row that is here. It reports whether it did. A decision
// follows more than that change.
func (a *applying) following(ctx context.Context, m *model, c *Change) (*Change, bool, error) {
	if !a.disputed || len(c.Bases) == 0 {
		return c, false, nil
	}
	d, err := a.peer.openDispute(ctx, a.tx, a.from.GUID, m, c.Row.String())
	if err != nil || d == nil || !slices.Contains(c.Bases, d.change.Version) {
		return c, false, err
	}
	return join(d.change, c), true, nil
}

// join makes one change of two that follow each other.
func join(first, second *Change) *Change {
	both := *second
	both.Bases = slices.Concat(first.Bases, slices.DeleteFunc(slices.Clone(second.Bases), func(b string) bool { return b == first.Version }))
	if second.Op != update || first.Op == remove || first.Op == forget {
		return &both
	}
	both.Op = first.Op
	both.Old, both.Rows.Old = overlay(second.Old, second.Rows.Old, first.Old, first.Rows.Old)
	both.New, both.Rows.New = overlay(first.New, first.Rows.New, second.New, second.Rows.New)
	return &both
}

// overlay puts values and names of rows over others. A column has either.
func overlay(values map[string]remote.Value, rows map[string]Name, overValues map[string]remote.Value, overRows map[string]Name) (map[string]remote.Value, map[string]Name) {
	values, rows = maps.Clone(values), maps.Clone(rows)
	if values == nil {
		values = map[string]remote.Value{}
	}
	if rows == nil {
		rows = map[string]Name{}
	}
	for column, v := range overValues {
		values[column] = v
		delete(rows, column)
	}
	for column, name := range overRows {
		rows[column] = name
		delete(values, column)
	}
	return values, rows
}

// orphan keeps a change that refers to a row which is not here because its creation waits in a
// conflict. Any other that refers to an unknown row is an error.
func (a *applying) orphan(ctx context.Context, m *model, c *Change, unknown error) error {
	for column, name := range c.Rows.New {
		to := m.refs[column]
		if to == nil || !a.disputed {
			continue
		}
		d, err := a.peer.openDispute(ctx, a.tx, a.from.GUID, to, name.String())
		if err != nil {
			return err
		}
		if d == nil {
			continue
		}
		in, err := a.names.read(ctx, m, c, true)
		if err != nil {
			return err
		}
		if may := a.authorize(ctx, in); may != nil {
			return a.deny(ctx, in, may.Error())
		}
		return a.clash(ctx, in, ofParent, "the row refers to one of "+to.Name+" whose creation is in conflict")
	}
	return unknown
}
