package synced

import (
	"fmt"

	"github.com/syncedgo/synced/internal/declare"
)

// Scope is what the rows of one run belong to. [In] makes one.
type Scope struct {
	key any // int64 or string; nil is no scope
	// parent reports whether it is one parent of a model that is listed for each.
	parent bool
	err    error
}

// NoScope is for models without a scope. In Reset and in the reading methods, it
// means every scope.
var NoScope = Scope{}

// In returns the scope with the given key: the id of an account or of a parent
// row, an integer, a string or a UUID, also of a named type. For a model that is listed
// for each parent (see [Each]), it is the scope of the topmost parents.
func In(key any) Scope {
	plain, err := declare.Key(key)
	if err != nil {
		return Scope{err: fmt.Errorf("scope: %w", err)}
	}
	return Scope{key: plain}
}

// InParent returns the scope of one parent of a model that is listed for each (see
// [Each]), by the local key of the parent's row.
func InParent(key any) Scope {
	s := In(key)
	s.parent = s.err == nil
	return s
}

// Value returns the scope's key: an int64, whatever integer type was given to
// [In], a string, or nil for [NoScope].
func (s Scope) Value() any { return s.key }

// String returns the scope's key as text.
func (s Scope) String() string {
	if s.key == nil {
		return ""
	}
	return fmt.Sprint(s.key)
}
