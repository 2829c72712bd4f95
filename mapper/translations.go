package mapper

import (
	"maps"
	"slices"
	"strings"

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
	return maps.EqualFunc(t, other, func(a, b *string) bool { return a == b || a != nil && b != nil && *a == *b })
}

// MarshalJSON writes an object, with the locales in alphabetical order.
func (t Translations) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]*string(t), json.Deterministic(true))
}
