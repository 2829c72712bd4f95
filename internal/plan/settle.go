package plan

import (
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
)

// settle gives values the form in which a database returns them.
func (p mapping) settle(row reflect.Value) {
	for _, f := range p.fields {
		uuids := f == p.id && p.idKind == backend.UUID
		if f.class != timed && f.class != listed && !uuids && f.typ != translationsType && !f.computed {
			continue // as most
		}
		v := row.FieldByIndex(f.index)
		switch {
		case f.class == timed:
			settleTime(v, cut)
		case f.class == listed:
			(lister{f}).settleList(v)
		case uuids && v.Kind() == reflect.String:
			if id, err := uuid.Parse(v.String()); err == nil {
				v.SetString(id.String())
			}
		case f.typ == translationsType:
			settleTranslations(v)
		case f.computed && v.Kind() == reflect.String:
			v.SetString(cleanText(v.String()))
		}
	}
}

// fillEmpty makes an empty list or map of none, for a column that takes no null.
func (f lister) fillEmpty(v reflect.Value) {
	switch {
	case f.class == raw && v.IsNil(), f.typ == rawType && v.IsNil():
		v.SetBytes([]byte("null"))
	case v.Kind() == reflect.Slice && v.IsNil():
		v.Set(reflect.MakeSlice(f.typ, 0, 0))
	case v.Kind() == reflect.Map && v.IsNil():
		v.Set(reflect.MakeMap(f.typ))
	}
}

// settleTime replaces the time in a field, unless it is null.
func settleTime(v reflect.Value, settled func(time.Time) time.Time) {
	switch at := v.Addr().Interface().(type) {
	case *time.Time:
		*at = settled(*at)
	case **time.Time:
		if *at != nil {
			changed := settled(**at)
			*at = &changed
		}
	default: // a null
		if v.Field(1).Bool() {
			settleTime(v.Field(0), settled)
		}
	}
}

// settleTranslations gives translations the form in which a database returns
// them: nil if there are none, and without a NUL.
func settleTranslations(v reflect.Value) {
	texts := v.Interface().(mapper.Translations)
	if len(texts) == 0 {
		v.SetZero()
		return
	}
	clean := true
	for locale, text := range texts {
		clean = clean && !strings.Contains(locale, "\x00") && (text == nil || !strings.Contains(*text, "\x00"))
	}
	if clean { // as most are
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
