package journal

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/Masterminds/squirrel"
	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// Journal is the journal of a database. It is safe for concurrent use, as its store is.
type Journal struct {
	db   backend.Store
	sql  dialect
	guid string
	all  *tables
	// checked is set once the triggers were found to be right.
	checked atomic.Bool
}

// Open returns the journal of a database whose tables of synced's own are migrated, and
// checks that what is declared fits its tables. It writes nothing but the GUID of the
// installation, the first time. Triggers are made by [Journal.Install].
func Open(ctx context.Context, db store.Store, c Config) (*Journal, error) {
	j, err := open(ctx, db, c)
	if err != nil {
		return nil, fmt.Errorf("synced: journal: %w", err)
	}
	return j, nil
}

func open(ctx context.Context, db store.Store, c Config) (*Journal, error) {
	b, err := backend.Of(db)
	if err == nil {
		err = b.Ready(ctx)
	}
	if err != nil {
		return nil, err
	}
	j := &Journal{db: b}
	if j.sql, err = choose(ctx, b); err != nil {
		return nil, err
	}
	j.all = &tables{db: b, sql: j.sql, list: c.Tables}
	if err := j.all.look(ctx); err != nil {
		return nil, err
	}
	if j.guid, err = identify(ctx, b); err != nil {
		return nil, fmt.Errorf("the GUID of the installation: %w", err)
	}
	if marks, ok := b.(interface{ Journaled() }); ok {
		marks.Journaled()
	}
	return j, nil
}

// choose finds the SQL of the database. Triggers name synced's own tables with their
// schema.
func choose(ctx context.Context, db backend.Store) (dialect, error) {
	own := db.Dialect().(interface{ Own() sqlstore.Own }).Own()
	if !db.Dialect().Schemas() {
		return sqliteDialect{own}, nil
	}
	_, err := store.One(ctx, db, squirrel.Expr("SELECT nspname::text FROM pg_class c JOIN pg_namespace ns ON ns.oid = relnamespace WHERE c.oid = to_regclass(?)",
		own.Table("synced_journal_new")), &own.Schema)
	return postgresDialect{own}, err
}

// GUID returns what tells the installation from all others. It was made when a journal was
// first opened on the database, and stays with it.
func (j *Journal) GUID() string { return j.guid }

// Models returns the tables, in the order of the declaration.
func (j *Journal) Models() []string {
	names := make([]string, len(j.all.list))
	for i, t := range j.all.list {
		names[i] = t.Name
	}
	return names
}

// identify reads the GUID, or makes it.
func identify(ctx context.Context, db backend.Store) (guid string, err error) {
	read := squirrel.Select("guid").From("{synced_journal_state}")
	found, err := store.One(ctx, db, read, &guid)
	if found || err != nil {
		return guid, err
	}
	err = backend.InTx(ctx, db, func(ctx context.Context, tx backend.Tx) error {
		_, err := tx.Exec(ctx, squirrel.Insert("{synced_journal_state}").Columns("one", "guid", "last_seq", "last_tx", "pruned").
			Values(1, uuid.NewString(), 0, 0, 0).Suffix("ON CONFLICT (one) DO NOTHING"))
		return err
	})
	if err == nil {
		_, err = store.One(ctx, db, read, &guid) // another process may have made it
	}
	return guid, err
}
