package plan

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/remote"
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
func (p *Plan) Translations(row any) []mapper.Translations {
	var texts []mapper.Translations
	for _, f := range p.fields {
		if f.translated != "" {
			texts = append(texts, reflect.ValueOf(row).Elem().FieldByIndex(f.index).Interface().(mapper.Translations))
		}
	}
	return texts
}

// SetTranslations fills the translated fields of a row.
func (p *Plan) SetTranslations(row any, texts []mapper.Translations) {
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
func (p *Plan) TranslationsOf(o remote.Object, record func() (backend.Row, error)) ([]mapper.Translations, error) {
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
func translationsIn(pointer any) mapper.Translations {
	return pointer.(*jsonColumn).field.Interface().(mapper.Translations)
}

// SameTranslation compares two texts that may be null.
func SameTranslation(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

var translationsType = reflect.TypeFor[mapper.Translations]()

// settleTranslations gives translations the form in which they come back from a
// database: nil when there are none, and without a NUL.
func settleTranslations(v reflect.Value) {
	texts := v.Interface().(mapper.Translations)
	if len(texts) == 0 {
		v.SetZero()
		return
	}
	for _, locale := range texts.Locales() {
		text := texts[locale]
		clean := cleanText(locale)
		if text != nil && strings.Contains(*text, "\x00") {
			picture := cleanText(*text)
			text = &picture
		}
		if clean != locale || text != texts[locale] {
			delete(texts, locale)
			texts[clean] = text
		}
	}
}

// keepsTranslations says, of translations that no column can keep, why.
func (f *field) keepsTranslations(texts mapper.Translations) error {
	for locale, text := range texts {
		if !utf8.ValidString(locale) || text != nil && !utf8.ValidString(*text) {
			return fmt.Errorf("the text in locale %q of field %s is not valid UTF-8", locale, f.name)
		}
	}
	return nil
}

// checkTranslated finds mistakes in the tags of a translated field.
func (f *field) checkTranslated() error {
	switch {
	case f.typ != translationsType:
		return fmt.Errorf("it is translated, but of type %s: make it synced.Translations", f.typ)
	case f.translated == "":
		return errors.New("it is translated but has no column in the table of translations: add a db tag")
	}
	return nil
}
