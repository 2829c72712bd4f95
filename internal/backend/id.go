package backend

import (
	"cmp"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Kind is the type of a remote id or of a scope.
type Kind int

// The kinds of remote ids and scopes.
const (
	Int  Kind = iota + 1 // 64-bit integer
	Text                 // string
	UUID                 // UUID, in its canonical spelling
)

// ID is a remote id: a 64-bit integer, or text. It is comparable.
type ID struct {
	num    int64
	text   string
	isText bool
}

// IntID returns the id n.
func IntID(n int64) ID { return ID{num: n} }

// TextID returns the id s. UUIDs are text in their canonical, lower-case spelling.
func TextID(s string) ID { return ID{text: s, isText: true} }

// AnyID returns the id with a value that a database gave: any integer or text.
func AnyID(v any) ID {
	switch x := v.(type) {
	case string:
		return TextID(x)
	case []byte:
		return TextID(string(x))
	}
	if rv := reflect.ValueOf(v); rv.CanInt() {
		return IntID(rv.Int())
	} else if rv.CanUint() {
		return IntID(int64(rv.Uint()))
	}
	return TextID(fmt.Sprint(v))
}

// ParseID reads an id of a kind as String writes it.
func ParseID(kind Kind, text string) (ID, error) {
	if kind != Int {
		return TextID(text), nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return IntID(n), err
}

// Value returns the id as a query parameter: an int64 or a string.
func (id ID) Value() any {
	if id.isText {
		return id.text
	}
	return id.num
}

// Int returns the id as an integer, and reports whether it is one.
func (id ID) Int() (n int64, ok bool) { return id.num, !id.isText }

// Compare orders ids that are of one kind.
func (id ID) Compare(other ID) int {
	if id.isText {
		return strings.Compare(id.text, other.text)
	}
	return cmp.Compare(id.num, other.num)
}

// String returns the id as errors and plans print it.
func (id ID) String() string {
	if id.isText {
		return id.text
	}
	return strconv.FormatInt(id.num, 10)
}

// TypeOf returns the column type that holds a kind of id.
func TypeOf(k Kind) Type {
	switch k {
	case Int:
		return TypeInt
	case UUID:
		return TypeUUID
	default:
		return TypeText
	}
}
