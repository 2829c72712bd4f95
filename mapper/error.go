package mapper

import "github.com/syncedgo/synced/internal/shown"

// FieldError is an error about one attribute of a record.
type FieldError struct {
	Attribute string // the remote's name; "" for a computed field
	Field     string // the Go name
	Err       error
}

func (e *FieldError) Error() string {
	name := e.Attribute
	if name == "" {
		name = e.Field
	}
	return shown.Text(name + ": " + e.Err.Error())
}

func (e *FieldError) Unwrap() error { return e.Err }
