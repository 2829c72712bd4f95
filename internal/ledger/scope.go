package ledger

import (
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
)

// Scope says whose rows of synced's own tables are meant: those of a model and
// scope, or of every scope of a model. It is comparable.
type Scope struct {
	// Model is the model's table. Type is the column of the scope and ID its value
	// as text; both are empty for a model without scopes.
	Model, Type, ID string

	every bool
}

// ScopeOf returns a scope of a model. Scope is nil for a model without scopes.
func ScopeOf(t *backend.Table, scope any) Scope {
	if scope == nil {
		return Scope{Model: t.Name}
	}
	return Scope{Model: t.Name, Type: t.Scope, ID: fmt.Sprint(scope)}
}

// EveryScope returns every scope of a model: to read and to drop, not to write.
func EveryScope(model string) Scope { return Scope{Model: model, every: true} }

// Lock returns the name of the lock of the scope's runs.
func (s Scope) Lock() string { return fmt.Sprintf("run %q %q %q", s.Model, s.Type, s.ID) }

// where is the condition for the rows of the scope.
func (s Scope) where() squirrel.And {
	where := squirrel.And{squirrel.Expr("model = ?", s.Model)}
	if !s.every {
		where = append(where, squirrel.Expr("scope_type = ?", s.Type), squirrel.Expr("scope_id = ?", s.ID))
	}
	return where
}

// inScope is the condition for the rows of one scope, whose values are its parameters.
const inScope = " WHERE model = ? AND scope_type = ? AND scope_id = ?"

func scopeColumns() []string { return []string{"model", "scope_type", "scope_id"} }

// values are those of the scope's columns, and more.
func (s Scope) values(more ...any) []any { return append([]any{s.Model, s.Type, s.ID}, more...) }
