package synced

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/backend"
)

// ScopeColumn is the column that ties a row to its scope.
type ScopeColumn string

// Scope is what the rows of one run belong to. [In] makes one.
type Scope struct {
	value any // int64 or string; nil is no scope
	err   error
}

// NoScope is for models without a scope. In Reset and in the reading methods, it
// means every scope.
var NoScope = Scope{}

// In is the scope with the given key: the id of an account or of a parent row,
// an integer, a string or a UUID, also of a named type.
func In(key any) Scope {
	value, err := plainKey(key)
	if err != nil {
		return Scope{err: fmt.Errorf("scope: %w", err)}
	}
	return Scope{value: value}
}

// Value is the scope's key: an int64, whatever integer type was given to [In], a
// string, or nil for [NoScope].
func (s Scope) Value() any { return s.value }

// String is the scope's key as text.
func (s Scope) String() string {
	if s.value == nil {
		return ""
	}
	return fmt.Sprint(s.value)
}

// plainKey makes an int64 or a string of a key.
func plainKey(key any) (any, error) {
	v := reflect.ValueOf(key)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	switch {
	case !v.IsValid(), v.Kind() == reflect.Pointer:
		return nil, errors.New("the key is nil")
	case v.CanInt():
		return v.Int(), nil
	case v.CanUint() && v.Uint() > math.MaxInt64:
		return nil, fmt.Errorf("the key %d is too big: it has at most 63 bits", v.Uint())
	case v.CanUint():
		return int64(v.Uint()), nil
	case v.Kind() == reflect.String && v.String() == "":
		return nil, errors.New("the key is an empty string")
	case v.Kind() == reflect.String && (!utf8.ValidString(v.String()) || strings.Contains(v.String(), "\x00")):
		return nil, fmt.Errorf("the key %q is not valid text: it has a NUL, or is not UTF-8", v.String())
	case v.Kind() == reflect.String:
		return v.String(), nil
	case v.Kind() == reflect.Array && v.Len() == 16 && v.Type().Elem().Kind() == reflect.Uint8:
		return uuidText(v), nil
	default:
		return nil, fmt.Errorf("the key is a %T: it may be an integer of at most 63 bits, a string or a UUID", key)
	}
}

// uuidText spells a UUID of any [16]byte type.
func uuidText(v reflect.Value) string {
	var id uuid.UUID
	for i := range id {
		id[i] = byte(v.Index(i).Uint())
	}
	return id.String()
}

// fits says that a key is of a kind.
func fits(value any, kind backend.Kind) bool {
	text, isText := value.(string)
	return isText == (kind != backend.Int) && (kind != backend.UUID || uuid.Validate(text) == nil)
}

// kindName is how errors call a kind of key.
func kindName(kind backend.Kind) string {
	switch kind {
	case backend.Int:
		return "an integer"
	case backend.UUID:
		return "a UUID"
	default:
		return "a string"
	}
}
