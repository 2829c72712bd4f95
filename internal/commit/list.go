package commit

import (
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/report"
)

// List is the changed rows that were committed, up to a number of them.
type List struct {
	Most int
	Rows []report.ChangedRow
}

// Lists reports whether the transaction's changes are listed, as far as there is room.
func (t *Tx) Lists() bool { return t.list != nil && len(t.list.Rows)+len(t.changed) < t.list.Most }

// note lists changes of rows, once they are committed.
func (t *Tx) note(m *model.Model, changes []model.Change) {
	for _, c := range changes {
		if !t.Lists() {
			return
		}
		t.changed = append(t.changed, report.ChangedRow{Model: m.Table.Name, Kind: c.Kind, ID: c.ID.String()})
	}
}
