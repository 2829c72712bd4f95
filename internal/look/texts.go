package look

import (
	"context"
	"fmt"
	"slices"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/page"
	"github.com/syncedgo/synced/mapper"
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
		texts = appendTexts(texts, r.key, want)
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

// appendTexts adds the rows of some translations, in no order: to put their locales in order
// was a sixth of the CPU of a run that finds nothing new.
func appendTexts(list []backend.Translation, key backend.ID, all []mapper.Translations) []backend.Translation {
	for c, texts := range all {
		for locale := range texts {
			if slices.ContainsFunc(all[:c], func(before mapper.Translations) bool { _, has := before[locale]; return has }) {
				continue
			}
			t := backend.Translation{Parent: key, Locale: locale, Texts: make([]*string, len(all))}
			for c := range all {
				t.Texts[c] = all[c][locale]
			}
			list = append(list, t)
		}
	}
	return list
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
