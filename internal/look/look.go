// Package look finds the records of a page of which nothing differs: neither their rows,
// nor those of nested records, nor their texts. It asks the database before any
// transaction is open, and most pages of most runs need none.
package look

import (
	"context"
	"fmt"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
)

// Look looks at records of one model and scope.
type Look struct {
	Model *model.Model
	Scope any
	// Removal is what happens to rows whose records are gone.
	Removal model.Removal
}

// Tells reports whether a look can tell that nothing of a record differs. It can't where
// rows have no fingerprints, where records may wait in quarantine, and where a row points to
// others that its object names, or shares nested ones.
func Tells(m *model.Model) bool {
	if m.Table.Hash == "" || m.Quarantines() || len(m.Parents) > 0 {
		return false
	}
	for i := range m.Associations {
		if a := &m.Associations[i]; a.Link != nil || a.Child.Plan.ByContent() || !Tells(a.Child) {
			return false
		}
	}
	if t := m.Table.Translations; t != nil && t.ParentKind == backend.Text { // see [backend.Store.SameTexts]
		return false
	}
	return m.Plain() || !m.Plan.ByContent()
}

// At looks at records, which have distinct ids. Those of which something differs that
// belongs to the row stay unseen: what writes them looks again.
func (l Look) At(ctx context.Context, records []*page.Record) error {
	list := make([]backend.Record, len(records))
	for i, r := range records {
		list[i] = r.Record
	}
	if !l.Model.Plain() {
		return l.families(ctx, records, list)
	}
	looks, err := l.Model.DB.Look(ctx, l.Model.Table, l.Scope, list)
	if err != nil {
		return fmt.Errorf("look for what differs: %w", err)
	}
	for i, r := range records {
		r.Look = looks[i]
	}
	return nil
}

// families looks at records to which others belong, or texts.
func (l Look) families(ctx context.Context, records []*page.Record, list []backend.Record) error {
	f := family{differs: make([]bool, len(records)), nested: make([][]page.Nested, len(records))}
	keys := make([]backend.ID, len(records))
	for _, r := range records {
		r.Look = backend.Absent
	}
	err := l.Model.DB.LookEach(ctx, l.Model.Table, l.Scope, list, func(i int, row backend.Looked) {
		keys[i], records[i].Look = row.Key, backend.Differs
		if row.Has(list[i].Hash) {
			records[i].Look = backend.Same
		}
	})
	if err != nil {
		return fmt.Errorf("look for what differs: %w", err)
	}
	rows := make([]row, 0, len(records))
	for i, r := range records {
		if r.Look == backend.Same {
			rows = append(rows, row{of: i, record: r, id: r.ID, key: keys[i], object: r.Object, found: true})
		}
	}
	if err := f.look(ctx, l, nil, rows); err != nil {
		return fmt.Errorf("look for what differs: %w", err)
	}
	for i, r := range records {
		switch {
		case r.Look != backend.Same:
		case f.differs[i]:
			r.Look = backend.Unseen
		default:
			r.Nested = f.nested[i]
		}
	}
	return nil
}
