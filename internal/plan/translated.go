package plan

import (
	"errors"
	"fmt"
	"math"
	"reflect"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/scan"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
)

// Translated lists the columns that the type's translated fields have in the table
// of translations, and the names of these fields.
func (p *columns) Translated() (columns, fields []string) {
	for _, f := range p.fields {
		if f.translated != "" {
			columns, fields = append(columns, f.translated), append(fields, f.name)
		}
	}
	return columns, fields
}

// BindTranslations fits the plan to the table of translations: a text or a locale that
// is too long for it makes its record invalid.
func (p *Plan) BindTranslations(d backend.Description, localeColumn string) {
	locale, _ := d.Column(localeColumn)
	for _, f := range p.fields {
		if f.translated != "" {
			column, _ := d.Column(f.translated)
			f.limits = []int{longest(column), longest(locale)}
		}
	}
}

// longest returns how many characters a column of texts holds.
func longest(c backend.DescribedColumn) int {
	if c.Base == "character varying" && len(c.Limits) == 1 {
		return c.Limits[0]
	}
	return math.MaxInt
}

// Translations returns the texts of a row's translated fields, in the order of
// [Plan.Translated]. The row is a pointer to the model's type.
func (p *columns) Translations(row any) []mapper.Translations {
	var texts []mapper.Translations
	for _, f := range p.fields {
		if f.translated != "" {
			texts = append(texts, reflect.ValueOf(row).Elem().FieldByIndex(f.index).Interface().(mapper.Translations))
		}
	}
	return texts
}

// SetTranslations fills the translated fields of a row, in the same order.
func (p *columns) SetTranslations(row any, texts []mapper.Translations) {
	n := 0
	for _, f := range p.fields {
		if f.translated != "" && n < len(texts) {
			reflect.ValueOf(row).Elem().FieldByIndex(f.index).Set(reflect.ValueOf(texts[n]))
			n++
		}
	}
}

// TranslationsOf returns the texts that an object gives its row. It calls mapped,
// which maps the whole object, only if a Map may set texts.
func (p *Plan) TranslationsOf(o remote.Object, mapped func() (backend.Row, error)) ([]mapper.Translations, error) {
	if p.mapping != nil {
		row, err := mapped()
		if err != nil {
			return nil, err
		}
		return p.Translations(row.Value), nil
	}
	clean, err := withoutNUL(o)
	if err != nil {
		return nil, err
	}
	row := reflect.New(p.typ)
	if err := p.decode(clean, row.Elem(), func(f *field) bool { return f.translated != "" }); err != nil {
		return nil, err
	}
	(mapping{p}).settle(row.Elem())
	return p.Translations(row.Interface()), nil
}

// translations reads the texts of an attribute in their usual spelling, and reports whether
// it did.
func (s *slab) translations(value jsontext.Value) (read mapper.Translations, ok bool) {
	if value.Kind() == 'n' {
		return nil, true
	}
	read, ok = mapper.Translations{}, true
	walked := scan.Walk(value, func(locale, text []byte) bool {
		var t string
		switch v := jsontext.Value(text); v.Kind() {
		case 'n':
			read[s.text(locale)] = nil
		case '"':
			if ok = s.decodeScalar(v, reflect.ValueOf(&t).Elem()); ok {
				read[s.text(locale)] = &t
			}
		default:
			ok = false
		}
		return ok
	})
	return read, ok && walked
}

// translationsIn returns the translations of a JSON column.
func translationsIn(pointer any) mapper.Translations {
	return pointer.(*jsonColumn).field.Interface().(mapper.Translations)
}

// SameTranslation reports whether two texts, which may be null, are the same.
func SameTranslation(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

var translationsType = reflect.TypeFor[mapper.Translations]()

// checkTranslated finds mistakes in the tags of a translated field.
func (f tagged) checkTranslated() error {
	switch {
	case f.typ != translationsType:
		return fmt.Errorf("it is translated, but of type %s: make it synced.Translations", f.typ)
	case f.translated == "":
		return errors.New("it is translated but has no column in the table of translations: add a db tag")
	}
	return nil
}
