package plan

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
)

// keeper finds values that a field's column does not keep.
type keeper struct{ *field }

// keeps returns why the field's column can't keep a value, or nil.
func (f keeper) keeps(v reflect.Value) error {
	switch {
	case f.typ == translationsType:
		return f.keepsTranslations(v.Interface().(mapper.Translations))
	case !f.managed():
		return nil
	case f.class == timed:
		return f.keepsTime(v)
	case f.class == listed:
		return f.keepsList(v)
	case f.class == raw && f.computed && len(v.Bytes()) > 0 && !jsontext.Value(v.Bytes()).IsValid():
		return fmt.Errorf("field %s holds bytes that are no JSON, and column %q keeps JSON", f.name, f.column)
	case f.class == spelled:
		_, err := (&spelledColumn{field: f.field, at: v}).Value()
		return err
	case f.class == encoded && f.computed:
		_, err := (&jsonColumn{field: v}).Value()
		return err
	case f.class != plain:
		return nil
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch {
	case v.CanUint() && v.Uint() > math.MaxInt64:
		return fmt.Errorf("the number %d is too big for a column, whose integers end at %d", v.Uint(), int64(math.MaxInt64))
	case v.Kind() == reflect.String:
		return f.keepsText(v.String())
	default:
		return nil
	}
}

// keepsID finds an id that is too long for an index.
func (f keeper) keepsID(v reflect.Value) error {
	if v.Kind() == reflect.String && v.Len() > mostOfID {
		return fmt.Errorf("the remote id has %d bytes, and may have %d", v.Len(), mostOfID)
	}
	return nil
}

// keepsText finds a text that is not valid UTF-8, or that a column of numbers or
// of UUIDs refuses.
func (f keeper) keepsText(text string) error {
	switch {
	case !utf8.ValidString(text):
		return fmt.Errorf("%s in field %s is not valid UTF-8", quote(text), f.name)
	case f.strict && ((comparer(f)).numeric() && !isNumber(text) || f.base == "uuid" && uuid.Validate(text) != nil):
		advice := ""
		if text == "" && f.typ.Kind() != reflect.Pointer {
			advice = ": make the field a *" + f.typ.String() + ", if it may be missing"
		}
		return fmt.Errorf("%s in field %s is not a %s, as column %q wants%s", quote(text), f.name, f.dbType, f.column, advice)
	default:
		return nil
	}
}

// keepsTime finds a time whose year in UTC does not have four digits, although it
// may in its own zone: nothing could read SQLite's text of it.
func (f keeper) keepsTime(v reflect.Value) error {
	at := time.Time{}
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		at = *x
	case **time.Time:
		if *x != nil {
			at = **x
		}
	default: // a null
		return f.keepsTime(v.Field(0))
	}
	if at.Year() < 0 || at.Year() > 9999 {
		return fmt.Errorf("the time %s in field %s is out of range: the years 0 to 9999 in UTC", at.Format(time.RFC3339), f.name)
	}
	return nil
}

// mostOfLocale is how many bytes a locale may have that is a part of a key.
const mostOfLocale = 255

// keepsTranslations finds a text or a locale that is not valid UTF-8, or too long for
// its column.
func (f keeper) keepsTranslations(texts mapper.Translations) error {
	for locale, text := range texts {
		if f.translated != "" && len(locale) > mostOfLocale {
			return fmt.Errorf("the locale %s of field %s has %d bytes, and may have %d", quote(locale), f.name, len(locale), mostOfLocale)
		}
		if !utf8.ValidString(locale) || text != nil && !utf8.ValidString(*text) {
			return fmt.Errorf("the text in locale %q of field %s is not valid UTF-8", locale, f.name)
		}
		if len(f.limits) != 2 { // see BindTranslations
			continue
		}
		if n := utf8.RuneCountInString(locale); n > f.limits[1] {
			return fmt.Errorf("the locale %s of field %s has %d characters, and column %q of the translations holds %d: make it longer", quote(locale), f.name, n, backend.TranslationLocale, f.limits[1])
		}
		if text == nil {
			continue
		}
		if n := utf8.RuneCountInString(strings.TrimRight(*text, " ")); n > f.limits[0] {
			return fmt.Errorf("in locale %q, %s has %d characters, and column %q of the translations holds %d: make it longer", locale, quote(*text), n, f.translated, f.limits[0])
		}
	}
	return nil
}
