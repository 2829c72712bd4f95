package mapper

import (
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

// Translations is a text in several languages, by locale: "en", "pt-BR". A nil
// text is null: the locale is known, and has no text. A null, an empty object and
// an absent attribute of the remote's all make empty Translations.
//
// A field of this type is a JSON column. With `synced:"translated"` it is a column
// of the table of translations, which has a row for each row and locale.
type Translations map[string]*string

// Translation returns the first text that is not empty: that of the locale, that
// of the language it belongs to ("en" for "en-GB"), and then likewise those of the
// fallbacks, in order. It returns "" if there is none.
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

// Locales returns the locales in alphabetical order, also those without a text.
func (t Translations) Locales() []string { return slices.Sorted(maps.Keys(t)) }

// Equal reports whether both have the same locales with the same texts. A null is
// not an empty text.
func (t Translations) Equal(other Translations) bool {
	return maps.EqualFunc(t, other, func(a, b *string) bool { return a == b || a != nil && b != nil && *a == *b })
}

// MarshalJSON writes an object, with the locales in alphabetical order.
func (t Translations) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]*string(t), json.Deterministic(true))
}
