package sqlstore

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Migrator migrates a database.
type Migrator struct {
	Dialect Dialect
	// Alone calls work in a transaction that nobody else migrates beside.
	Alone func(ctx context.Context, work func(ctx context.Context, tx store.Tx) error) error
	// Refused reports whether the database does not let this role, or this connection,
	// make tables. Role says who must be granted the use of them; "" where nobody must.
	Refused func(err error) bool
	Role    func(ctx context.Context) (string, error)
}

// Migrate applies the migrations that the database does not have yet. Where it has all
// of them, it only reads.
func (m Migrator) Migrate(ctx context.Context, q store.Querier) error {
	own := m.Dialect.Own()
	if err := own.check(); err != nil {
		return err
	}
	pending, err := m.pending(ctx, q)
	if err != nil || len(pending) == 0 {
		return err
	}
	err = m.Alone(ctx, m.apply)
	if err == nil || !m.Refused(err) {
		return err
	}
	role, _ := m.Role(ctx) // the SQL can be run without it
	return fmt.Errorf("%w: this role may not make what is missing: let one that may run the files of synced.Migrations, or this SQL:\n\n%s",
		err, own.script(pending, role))
}

// Ready returns an error where the database was not migrated up to this version.
func (m Migrator) Ready(ctx context.Context, q store.Querier) error {
	missing, err := names(ctx, q, m.Dialect.Missing(tables()))
	if err == nil && len(missing) > 0 {
		return &backend.NotMigratedError{Lacks: "the database has no table " + m.Dialect.Own().shown(missing[0])}
	}
	var pending []Migration
	if err == nil {
		pending, err = m.pending(ctx, q)
	}
	if err != nil {
		return fmt.Errorf("look for synced's own tables: %w", err)
	}
	if len(pending) > 0 {
		return &backend.NotMigratedError{Lacks: fmt.Sprintf("the database lacks migration %d (%s) of synced's own tables", pending[0].Number, pending[0].Name)}
	}
	return nil
}

// pending returns the migrations that the database does not have.
func (m Migrator) pending(ctx context.Context, q store.Querier) ([]Migration, error) {
	applied, err := m.applied(ctx, q)
	if err != nil && m.Refused(err) {
		role, _ := m.Role(ctx) // the error of the database names what is refused
		return nil, fmt.Errorf("%w: this role may not use synced's own tables: let their owner run this SQL:\n\n%s", err, m.Dialect.Own().script(nil, role))
	}
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(m.Dialect.Own().Migrations(), func(one Migration) bool { return applied[one.Number] }), nil
}

// applied returns the numbers of the migrations that the database has. One that this
// program can't work with is an error.
func (m Migrator) applied(ctx context.Context, q store.Querier) (map[int]bool, error) {
	applied := map[int]bool{}
	missing, err := names(ctx, q, m.Dialect.Missing([]string{"synced_migrations"}))
	if err != nil || len(missing) > 0 {
		return applied, err
	}
	newest := 0
	err = store.Each(ctx, q, squirrel.Select("version").From("{synced_migrations}"), func(rows store.Rows) error {
		var n int
		err := rows.Scan(&n)
		applied[n], newest = true, max(newest, n)
		return err
	})
	if known := written(); err == nil && newest/generation > known[len(known)-1].Number/generation {
		err = fmt.Errorf("a newer version of synced made migration %d of its own tables, which this version can't work with: run the newer one, or undo that migration", newest)
	}
	return applied, err
}

// apply applies what is pending.
func (m Migrator) apply(ctx context.Context, tx store.Tx) error {
	applied, err := m.applied(ctx, tx)
	if err == nil && len(applied) == 0 {
		err = m.first(ctx, tx)
	}
	if err != nil {
		return err
	}
	for _, one := range written() {
		if applied[one.Number] {
			continue
		}
		if err := m.up(ctx, tx, one); err != nil {
			return fmt.Errorf("migration %d (%s): %w", one.Number, one.Name, err)
		}
	}
	if applied[1] && !applied[10] {
		return m.takeOver(ctx, tx)
	}
	return nil
}

// first makes the table of migrations, and its schema: a role that may not create
// schemas may have been given one.
func (m Migrator) first(ctx context.Context, tx store.Tx) error {
	list := statements(m.Dialect.Own().first())
	if schema := m.Dialect.Own().Schema; schema != "" {
		there, err := store.One(ctx, tx, squirrel.Select("1").From("pg_namespace").Where(squirrel.Eq{"nspname": schema}), nil)
		if err != nil {
			return err
		}
		if there {
			list = list[1:]
		}
	}
	return run(ctx, tx, list)
}

func (m Migrator) up(ctx context.Context, tx store.Tx, one Migration) error {
	for _, statement := range statements(one.Up) {
		done, err := m.done(ctx, tx, statement)
		if err == nil && !done {
			err = run(ctx, tx, []string{statement})
		}
		if err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, squirrel.Insert("{synced_migrations}").Columns("version").Values(one.Number))
	return err
}

var alters = regexp.MustCompile(`ALTER TABLE \{(\w+)\} (ADD|DROP) COLUMN (\w+)`)

// done reports whether a statement adds a column that is there, or drops one that is not.
// Before there was a release, some migrations were changed after they had been applied.
func (m Migrator) done(ctx context.Context, tx store.Tx, statement string) (bool, error) {
	match := alters.FindStringSubmatch(statement)
	if match == nil {
		return false, nil
	}
	columns, err := names(ctx, tx, m.Dialect.ColumnsOf(match[1]))
	return slices.Contains(columns, match[3]) == (match[2] == "ADD"), err
}

// takeOver copies the times that migration 1 kept. Its table stays, for older programs
// that still run.
func (m Migrator) takeOver(ctx context.Context, tx store.Tx) error {
	const columns = "model, scope_type, scope_id, synced_at, source, recorded_at"
	return run(ctx, tx, []string{"INSERT INTO {synced_times} (" + columns + ") SELECT " + columns + " FROM {synced_timestamps}"})
}

func run(ctx context.Context, tx store.Tx, statements []string) error {
	for _, statement := range statements {
		if _, err := tx.Exec(ctx, squirrel.Expr(statement)); err != nil {
			return err
		}
	}
	return nil
}

// names reads a query of names.
func names(ctx context.Context, q store.Querier, query store.SQL) (list []string, err error) {
	err = store.Each(ctx, q, query, func(rows store.Rows) error {
		var name string
		err := rows.Scan(&name)
		list = append(list, name)
		return err
	})
	return list, err
}
