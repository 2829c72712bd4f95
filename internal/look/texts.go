package look

import (
	"context"
	"fmt"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/internal/rows"
)

// texts compares the translations of objects with those that the rows have.
func (f *family) texts(ctx context.Context, l Look, a *model.Association, of []row) error {
	m := l.Model
	if m.Table.Translations == nil || len(of) == 0 {
		return nil
	}
	keys, texts := make([]backend.ID, len(of)), []backend.Translation(nil)
	for i, r := range of {
		keys[i] = r.key
		if f.differs[r.of] {
			continue
		}
		want, err := m.Plan.TranslationsOf(r.object, func() (backend.Row, error) { return r.mapped(l, a) })
		if err != nil {
			f.differs[r.of] = true
			continue
		}
		for _, locale := range rows.Locales(want) {
			t := backend.Translation{Parent: r.key, Locale: locale, Texts: make([]*string, len(want))}
			for c := range want {
				t.Texts[c] = want[c][locale]
			}
			texts = append(texts, t)
		}
	}
	same, err := m.DB.SameTexts(ctx, m.Table.Translations, keys, texts)
	if err != nil {
		return fmt.Errorf("translations: %w", err)
	}
	for i, r := range of {
		f.differs[r.of] = f.differs[r.of] || !same[i]
	}
	return nil
}

// mapped maps the record of a row, where a function of the service's may set its texts. Of a
// nested one, that is by an association.
func (r row) mapped(l Look, a *model.Association) (backend.Row, error) {
	if a == nil {
		return r.record.Map()
	}
	maker := page.Maker{Model: l.Model, Scope: l.Scope}
	return maker.Nested(r.record, r.parent, a, r.object, r.id).Map()
}
