package plan

import (
	"database/sql/driver"
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/backend"
)

// madeType returns what Schema makes of the field's column, where a person would choose
// something else than the field's type tells: 0 where it tells.
func (f *field) madeType() backend.Type {
	base := element(f.typ)
	switch {
	case f.class == encoded && base != rawType && f.typ != translationsType:
		return backend.TypeDocument
	case f.class == scanned && !isNull(base):
		return typeOfValues(base)
	case f.typ == reflect.PointerTo(numberType) && f.managed(): // another one is "" where it is missing
		return backend.TypeDecimal
	default:
		return 0
	}
}

// typeOfValues looks at what a type that scans itself gives to a database, 0 where that
// does not tell a type.
func typeOfValues(t reflect.Type) backend.Type {
	switch v := sampleOf(t).(type) {
	case time.Time:
		if t.Name() == "Date" {
			return backend.TypeDate
		}
		return backend.TypeTime
	case int64:
		return backend.TypeInt
	case float64:
		return backend.TypeFloat
	case bool:
		return backend.TypeBool
	case string:
		if _, err := uuid.Parse(v); err == nil {
			return backend.TypeUUID
		}
		if _, ok := parseNumeral(v); ok {
			return backend.TypeDecimal
		}
	case nil:
		if strings.HasSuffix(t.Name(), "Numeric") || strings.HasSuffix(t.Name(), "Decimal") {
			return backend.TypeDecimal
		}
	}
	return 0
}

// givesNoText reports whether a type that scans itself gives a number or a boolean to a
// database.
func givesNoText(t reflect.Type) bool {
	switch sampleOf(t).(type) {
	case int64, float64, bool:
		return true
	default:
		return false
	}
}

// sampleOf returns what a zero value that is not null gives to a database, nil where that
// can't be told.
func sampleOf(t reflect.Type) (sample any) {
	defer func() {
		if recover() != nil {
			sample = nil
		}
	}()
	value := reflect.New(t)
	if t.Kind() == reflect.Struct {
		if valid := value.Elem().FieldByName("Valid"); valid.IsValid() && valid.Kind() == reflect.Bool && valid.CanSet() {
			valid.SetBool(true)
		}
	}
	sample, err := value.Interface().(driver.Valuer).Value()
	if err != nil {
		return nil
	}
	return sample
}
