package backend

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/syncedgo/synced/store"
)

// Misfits are the columns of a stored row, by their places in [Table.Columns], that
// hold what their fields can't: nil is a null, a string is anything else, as text. No
// run writes such a value. Somebody else did, and the field is left zero.
type Misfits map[int]any

// Unreadable returns an error about a column that holds what its field can't, unless
// that is a null.
func (m Misfits) Unreadable(t *Table) error {
	for i, c := range t.Columns {
		held, ok := m[i].(string)
		switch {
		case !ok:
		case c.Managed:
			return fmt.Errorf("column %q holds %s, which its field can't: somebody else wrote it, and a complete run mends it", c.Name, shown(c.Name, held))
		default:
			return fmt.Errorf("column %q holds %s, which its field can't: change it", c.Name, shown(c.Name, held))
		}
	}
	return nil
}

// scanEach reads a row whose values may not fit their destinations, and returns
// what those hold that don't, by their places.
func scanEach(rows store.Rows, dest []any) (map[int]string, error) {
	failed := rows.Scan(dest...)
	if failed == nil {
		return nil, nil
	}
	held := map[int]string{}
	single := make([]any, len(dest))
	for i, d := range dest {
		single[i] = d
		if d != nil && rows.Scan(single...) != nil {
			text, ok := heldText(rows, single, i)
			if !ok {
				return nil, failed // it is not about the values
			}
			held[i] = text
		}
		single[i] = nil
	}
	if len(held) == 0 {
		return nil, cmp.Or(rows.Err(), failed)
	}
	return held, nil
}

// heldText reads what a column holds as text.
func heldText(rows store.Rows, single []any, i int) (string, bool) {
	var text string
	if single[i] = &text; rows.Scan(single...) == nil {
		return strings.ToValidUTF8(text, "\uFFFD"), true
	}
	var v any
	if single[i] = &v; rows.Scan(single...) != nil {
		return "", false
	}
	return strings.ToValidUTF8(fmt.Sprint(v), "\uFFFD"), true
}
