package mapper

import (
	"database/sql/driver"
	"fmt"
	"slices"

	"github.com/syncedgo/synced/remote"
)

// Data is the whole remote object as a column keeps it, by default synced_data. A
// column of type json or text keeps what was received, byte for byte; a jsonb
// column keeps its value, with "\u2400" for "\u0000".
type Data []byte

// Object returns the remote object; the zero object if nothing is stored.
func (d Data) Object() (remote.Object, error) {
	if len(d) == 0 {
		return remote.Object{}, nil
	}
	return remote.ParseObject(d)
}

// String returns the object's JSON text.
func (d Data) String() string { return string(d) }

// MarshalJSON returns the object, or null.
func (d Data) MarshalJSON() ([]byte, error) {
	if len(d) == 0 {
		return []byte("null"), nil
	}
	return d, nil
}

// UnmarshalJSON keeps a copy of raw.
func (d *Data) UnmarshalJSON(raw []byte) error {
	*d = slices.Clone(raw)
	return nil
}

// Value implements driver.Valuer. It returns JSON text, or null.
func (d Data) Value() (driver.Value, error) {
	if d == nil {
		return nil, nil
	}
	return string(d), nil
}

// Scan implements sql.Scanner.
func (d *Data) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = nil
	case string:
		*d = Data(v)
	case []byte:
		*d = slices.Clone(v)
	default:
		return fmt.Errorf("the stored object is of type %T, not text", src)
	}
	return nil
}
