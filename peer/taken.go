package peer

import (
	"errors"

	"github.com/syncedgo/synced/internal/backend"
)

// takenError is a change that needs what another row has, where only one may have it.
type takenError struct{ err error }

func (e *takenError) Error() string {
	return "another row here has what only one may have: " + e.err.Error()
}
func (e *takenError) Unwrap() error { return e.err }

// tell tells of an error whether another row is in the way of a change of a model.
func tell(tx backend.Tx, m *model, err error) error {
	if err != nil && tx.Dialect().Taken(err, m.Table) {
		return &takenError{err}
	}
	return err
}

// noteTaken notes that a change needs what another row has, if that is what an error says of it for
// the first time.
func noteTaken(taken map[int64]string, seq int64, err error) bool {
	var other *takenError
	if !errors.As(err, &other) || taken[seq] != "" {
		return false
	}
	taken[seq] = other.Error()
	return true
}
