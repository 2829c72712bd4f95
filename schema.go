package synced

import (
	"context"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// SchemaPart is a part of the DDL of a model, for tables that exist: what a service has
// made itself, its migrations need not make again.
type SchemaPart int

const (
	// SchemaTable is the table itself, with those of its translations and links.
	SchemaTable = SchemaPart(backend.PartTable)
	// SchemaIndex is the unique index on scope and remote id, and an index on each column
	// that keeps the key of a parent's row; on SQLite also an index of the fingerprints,
	// which makes runs faster.
	SchemaIndex = SchemaPart(backend.PartIndex)
	// SchemaTrigger is the trigger that guards the fingerprints, and its function. It
	// replaces the one of an older declaration, and needs the column synced_hash, a
	// bigint that may be null.
	SchemaTrigger = SchemaPart(backend.PartTrigger)
)

// Schema returns the DDL that fits the declaration on a database: the table, its
// unique index, and the trigger that guards the fingerprints; or the given parts of it.
// Every statement may be run again. It asks nothing of the database, so the table need
// not exist yet; where it does, use [Handle.Schema], which knows its columns and
// indexes.
func (s Synced[T]) Schema(db store.Store, parts ...SchemaPart) (string, error) {
	return s.erase().Schema(db, partsOf(parts))
}

// CreateTable runs the declaration's Schema, for tests and for services that
// have no migrations themselves. It may be called again where the table exists, and adds
// no unique index beside one that serves.
func (s Synced[T]) CreateTable(ctx context.Context, db store.Store) error {
	return s.erase().CreateTable(ctx, db)
}

// Schema returns the DDL that fits the declaration: the table, its unique index,
// and the trigger that guards the fingerprints; or the given parts of it. Every
// statement may be run again. It has no unique index where the table had one of another
// name, when the model was made, that keeps each remote id from having two rows.
func (h *Handle) Schema(parts ...SchemaPart) string { return h.declared.Schema(partsOf(parts)) }

// partsOf returns the parts together, all where none is given.
func partsOf(parts []SchemaPart) backend.Part {
	all := backend.Part(0)
	for _, p := range parts {
		all |= backend.Part(p)
	}
	if len(parts) == 0 {
		all = backend.AllParts
	}
	return all
}
