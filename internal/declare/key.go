package declare

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

// Key makes an int64 or a string of a scope's key or a remote id.
func Key(key any) (any, error) {
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
	case v.Kind() == reflect.String:
		return v.String(), checkKeyText(v.String())
	case v.Kind() == reflect.Array && v.Len() == 16 && v.Type().Elem().Kind() == reflect.Uint8:
		return uuidText(v), nil
	default:
		return nil, fmt.Errorf("the key is a %T: it may be an integer of at most 63 bits, a string or a UUID", key)
	}
}

// checkKeyText finds texts that can't be a key.
func checkKeyText(text string) error {
	switch {
	case text == "":
		return errors.New("the key is an empty string: give the id")
	case !utf8.ValidString(text) || strings.Contains(text, "\x00"):
		return fmt.Errorf("the key %q is not valid text: it has a NUL, or is not UTF-8", text)
	}
	return nil
}

// uuidText spells a UUID of any [16]byte type.
func uuidText(v reflect.Value) string {
	var id uuid.UUID
	for i := range id {
		id[i] = byte(v.Index(i).Uint())
	}
	return id.String()
}

// Scope returns a scope's key in the spelling in which it is kept. Nil is no scope.
// A scope that the model can't have is an error.
func (b *Bound) Scope(key any) (any, error) {
	column, kind := b.declared.Scope, b.Model.Table.ScopeKind
	switch {
	case column == "" && key != nil:
		return key, fmt.Errorf("scope %v given, but the model declares no Scope column: declare one, or pass synced.NoScope", key)
	case column != "" && key == nil:
		return key, fmt.Errorf("no scope given, but rows belong to a scope by column %q: pass synced.In(…)", column)
	case key == nil:
		return nil, nil
	case !fits(key, kind):
		return key, fmt.Errorf("scope %v is of type %T, but column %q keeps %s", key, key, column, kindName(kind))
	}
	return spelled(key, kind), nil
}

// AnyScope is Scope, but nil is every scope.
func (b *Bound) AnyScope(key any) (any, error) {
	if key == nil {
		return nil, nil
	}
	return b.Scope(key)
}

// fits reports whether a key is of a kind.
func fits(key any, kind backend.Kind) bool {
	text, isText := key.(string)
	return isText == (kind != backend.Int) && (kind != backend.UUID || uuid.Validate(text) == nil)
}

// spelled returns a key that fits in the spelling in which it is kept.
func spelled(key any, kind backend.Kind) any {
	if kind != backend.UUID {
		return key
	}
	return uuid.MustParse(key.(string)).String()
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

// kindOfType returns the kind of key that a column type holds.
func kindOfType(t backend.Type) backend.Kind {
	switch t {
	case backend.TypeInt:
		return backend.Int
	case backend.TypeUUID:
		return backend.UUID
	default:
		return backend.Text
	}
}

// kindOfColumn returns the kind of key that a column of the database holds, 0 when
// its field tells.
func kindOfColumn(dbType string) backend.Kind {
	switch {
	case strings.Contains(dbType, "int"):
		return backend.Int
	case dbType == "uuid":
		return backend.UUID
	case strings.Contains(dbType, "char"), strings.Contains(dbType, "text"):
		return backend.Text
	default:
		return 0
	}
}
