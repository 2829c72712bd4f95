package mapper

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
)

// Translations is a text in several languages, by locale: "en", "pt-BR". A nil
// text is null: the locale is known, and has none. A null or an empty object of
// the remote's, and one that is not there, are empty Translations.
//
// A field of this type is a JSON column, or with `synced:"translated"` a column
// of the table of translations, which has one row per row and locale.
type Translations map[string]*string

// Translation is the first text that is there and not empty: that of the locale,
// that of the language it belongs to ("en" for "en-GB"), and then likewise those
// of the fallbacks, in order. It is "" when there is none.
func (t Translations) Translation(locale string, fallbacks ...string) string {
	for _, l := range append([]string{locale}, fallbacks...) {
		for l != "" {
			if text := t[l]; text != nil && *text != "" {
				return *text
			}
			l = l[:max(0, strings.LastIndexAny(l, "-_"))]
		}
	}
	return ""
}

// Locales are the locales in alphabetical order, those without a text included.
func (t Translations) Locales() []string { return slices.Sorted(maps.Keys(t)) }

// Equal says whether both have the same locales with the same texts. A null is
// no empty text.
func (t Translations) Equal(other Translations) bool {
	return maps.EqualFunc(t, other, SameTranslation)
}

// SameTranslation compares two texts that may be null.
func SameTranslation(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// MarshalJSON writes an object, with the locales in alphabetical order.
func (t Translations) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]*string(t), json.Deterministic(true))
}

var translationsType = reflect.TypeFor[Translations]()

// settleTranslations gives translations the form in which they come back from a
// database: nil when there are none, and without a NUL.
func settleTranslations(v reflect.Value) {
	texts := v.Interface().(Translations)
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
func (f *field) keepsTranslations(texts Translations) error {
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
