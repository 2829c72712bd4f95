package mapper

import (
	"reflect"

	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/store"
)

// Translated are the columns that the type's translated fields have in the table
// of translations, and the names of these fields.
func (p *Plan) Translated() (columns, fields []string) {
	for _, f := range p.fields {
		if f.translated != "" {
			columns, fields = append(columns, f.translated), append(fields, f.name)
		}
	}
	return columns, fields
}

// Translations are the texts of a row's translated fields, a pointer to the
// model's type, in the order of [Plan.Translated].
func (p *Plan) Translations(row any) []Translations {
	var texts []Translations
	for _, f := range p.fields {
		if f.translated != "" {
			texts = append(texts, reflect.ValueOf(row).Elem().FieldByIndex(f.index).Interface().(Translations))
		}
	}
	return texts
}

// SetTranslations fills the translated fields of a row.
func (p *Plan) SetTranslations(row any, texts []Translations) {
	n := 0
	for _, f := range p.fields {
		if f.translated != "" && n < len(texts) {
			reflect.ValueOf(row).Elem().FieldByIndex(f.index).Set(reflect.ValueOf(texts[n]))
			n++
		}
	}
}

// TranslationsOf are the texts that a record makes of its object. They are read
// without mapping the rest, unless a Map may have set them.
func (p *Plan) TranslationsOf(o remote.Object, record func() (store.Record, error)) ([]Translations, error) {
	if p.mapping != nil {
		rec, err := record()
		if err != nil {
			return nil, err
		}
		return p.Translations(rec.Value), nil
	}
	row := reflect.New(p.typ)
	if err := p.decode(withoutNUL(o).Raw(), true, row.Elem(), func(f *field) bool { return f.translated != "" }); err != nil {
		return nil, err
	}
	p.settle(row.Elem())
	return p.Translations(row.Interface()), nil
}

// translationsIn are the translations of a JSON column.
func translationsIn(pointer any) Translations {
	return pointer.(*jsonColumn).field.Interface().(Translations)
}
