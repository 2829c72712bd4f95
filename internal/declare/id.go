package declare

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/remote"
)

// ID makes a remote id of what the caller has, such as what a webhook brought, in the
// form in which lists give it.
func (b *Bound) ID(remoteID any) (backend.ID, error) {
	text, err := idText(remoteID)
	if err != nil {
		return backend.ID{}, fmt.Errorf("remote id: %w", err)
	}
	kind := b.Model.Table.IDKind
	if !isID(text, kind) {
		return backend.ID{}, fmt.Errorf("remote id %s is of type %T, but the model's remote id is %s", shorten(text), remoteID, kindName(kind))
	}
	raw := []byte(text)
	if kind != backend.Int {
		if raw, err = jsontext.AppendQuote(nil, text); err != nil {
			return backend.ID{}, fmt.Errorf("remote id: %w", err)
		}
	}
	return b.Model.Plan.ParseID(raw)
}

// isID reports whether a text may be an id of a kind.
func isID(text string, kind backend.Kind) bool {
	switch kind {
	case backend.Int:
		n, err := strconv.ParseInt(text, 10, 64)
		return err == nil && strconv.FormatInt(n, 10) == text
	case backend.UUID:
		return uuid.Validate(text) == nil
	default:
		return true
	}
}

// shorten returns the beginning of a text.
func shorten(text string) string {
	const most = 60
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + "…"
	}
	return text
}

// idText is a remote id as text: the digits of an integer, or a string.
func idText(id any) (string, error) {
	v := reflect.ValueOf(id)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		if _, ok := v.Interface().(json.Marshaler); ok {
			break
		}
		v = v.Elem()
	}
	switch {
	case !v.IsValid(), v.Kind() == reflect.Pointer && v.IsNil():
		return "", errors.New("the key is nil")
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10), nil
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10), nil
	case v.CanFloat():
		return floatText(v.Float())
	case v.Kind() == reflect.String:
		return v.String(), checkKeyText(v.String())
	case v.Kind() == reflect.Array && v.Len() == 16 && v.Type().Elem().Kind() == reflect.Uint8:
		return uuidText(v), nil
	}
	if m, ok := v.Interface().(json.Marshaler); ok {
		return jsonText(m)
	}
	return "", fmt.Errorf("the key is a %T: it may be an integer, a string, a UUID or a json.Number", id)
}

// floatText spells an integer that a decoder made a float64.
func floatText(f float64) (string, error) {
	const exact = 1 << 53
	if f != math.Trunc(f) || math.Abs(f) > exact {
		return "", fmt.Errorf("the key is the float64 %v, which is no exact integer: decode the id as an int64, a string or a json.Number", f)
	}
	return strconv.FormatInt(int64(f), 10), nil
}

// jsonText is the number or the string that a value is in JSON.
func jsonText(m json.Marshaler) (string, error) {
	raw, err := m.MarshalJSON()
	if err != nil {
		return "", err
	}
	var text string
	switch remote.Value(raw).Kind() {
	case '0':
		return string(raw), nil
	case '"':
		if err := json.Unmarshal(raw, &text); err != nil {
			return "", err
		}
		return text, checkKeyText(text)
	default:
		return "", fmt.Errorf("the key is a %T with the JSON %s: it may be a number or a string", m, shorten(string(raw)))
	}
}
