package sqlstore

import (
	"context"
	"errors"
)

// Refuser is a [Conn] that knows the errors of a database which refuses what a row
// holds: too long, out of range, against a constraint.
type Refuser interface {
	Refused(err error) bool
	// AtFault returns the columns of a table that such an error is about, none where
	// nothing tells. Values are what the columns of the row were given.
	AtFault(ctx context.Context, table string, values map[string]any, err error) ([]string, error)
	// Hides reports whether the session may not see rows of a table that exist.
	Hides(ctx context.Context, table string) (bool, error)
}

// Trier is a [Conn] in whose transactions an error undoes all.
type Trier interface {
	// Try calls do, and undoes what it did if the database refuses it. It costs no
	// exchange unless that happens.
	Try(ctx context.Context, do func() error) error
}

// valueError is a value that can't be given to a database.
type valueError struct {
	column string
	err    error
}

func (e *valueError) Error() string { return e.err.Error() }
func (e *valueError) Unwrap() error { return e.err }

// refused reports whether an error is about what a row holds.
func (s Session) refused(err error) bool {
	var value *valueError
	if errors.As(err, &value) {
		return true
	}
	conn, ok := s.conn.(Refuser)
	return ok && err != nil && conn.Refused(err)
}

// try runs statements that the database may refuse, and that are undone then.
func (s Session) try(ctx context.Context, do func() error) error {
	if conn, ok := s.conn.(Trier); ok {
		return conn.Try(ctx, do)
	}
	return do()
}
