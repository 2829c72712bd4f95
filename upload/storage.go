package upload

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// storage is where a server keeps what clients upload.
type storage struct {
	db         backend.Store
	prefix     string
	partitions int

	mu     sync.Mutex
	shapes map[string]replica // by table
}

// tenant is a client's database, and a table of it.
type tenant struct{ client, database, table string }

func (t tenant) owner() []owned {
	return []owned{{"client", t.client}, {"database_name", t.database}}
}

func (t tenant) eq() squirrel.Eq {
	return squirrel.Eq{"client": t.client, "database_name": t.database, "table_name": t.table}
}

var (
	errUnknownTable = errors.New("no such table is registered for this database")
	errShape        = errors.New("the table's shape does not fit the one that is registered")
)

func (s *storage) own(name string) string { return store.Quote(s.prefix + "_" + name) }

// migrate makes the tables that do not depend on any shape. A summary is one row, which
// is all that an idle client reads.
func (s *storage) migrate(ctx context.Context) error {
	if err := s.db.Migrate(ctx); err != nil {
		return err
	}
	return s.db.Create(ctx, fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s (
	client text NOT NULL, database_name text NOT NULL, table_name text NOT NULL,
	salt text NOT NULL, row_count bigint NOT NULL, sum_hi bigint NOT NULL, sum_lo bigint NOT NULL,
	version bigint NOT NULL, greatest_time text NOT NULL, changed_at bigint NOT NULL,
	PRIMARY KEY (client, database_name, table_name));
CREATE TABLE IF NOT EXISTS %s (
	client text NOT NULL, database_name text NOT NULL, table_name text NOT NULL, node bigint NOT NULL,
	row_count bigint NOT NULL, sum_hi bigint NOT NULL, sum_lo bigint NOT NULL,
	PRIMARY KEY (client, database_name, table_name, node));
CREATE TABLE IF NOT EXISTS %s (table_name text NOT NULL PRIMARY KEY, shape text NOT NULL);
`, s.own("tables"), s.own("sums"), s.own("shapes")))
}

// ready reports whether the database answers.
func (s *storage) ready(ctx context.Context) error {
	_, err := store.One(ctx, s.db, squirrel.Select("1"), nil)
	return err
}

// register makes or extends the table of a shape, and returns the salt of the tenant's.
func (s *storage) register(ctx context.Context, t tenant, wanted shape) (salt string, err error) {
	if err := s.fit(ctx, t.table, wanted); err != nil {
		return "", err
	}
	var fresh [16]byte
	_, _ = rand.Read(fresh[:]) // it never fails
	err = inTx(ctx, s.db, func(ctx context.Context, tx writer) error {
		_, err := tx.Exec(ctx, squirrel.Insert(s.own("tables")).
			Columns("client", "database_name", "table_name", "salt", "row_count", "sum_hi", "sum_lo", "version", "greatest_time", "changed_at").
			Values(t.client, t.database, t.table, hex.EncodeToString(fresh[:]), 0, 0, 0, 0, "", time.Now().UnixMilli()).Suffix("ON CONFLICT DO NOTHING"))
		return err
	})
	if err != nil {
		return "", err
	}
	_, err = store.One(ctx, s.db, squirrel.Select("salt").From(s.own("tables")).Where(t.eq()), &salt)
	return salt, err
}

// fit brings the replica in line with a shape. It only adds columns.
func (s *storage) fit(ctx context.Context, table string, wanted shape) error {
	if kept, err := s.replica(ctx, table); err == nil {
		if merged, err := merge(kept.shape, wanted); err != nil || len(merged.Columns) == len(kept.shape.Columns) {
			return err
		}
	} else if !errors.Is(err, errUnknownTable) {
		return err
	}
	lock, err := s.db.Lock(ctx, "upload shape "+s.prefix+table, 10*time.Second)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Release(ctx) }()
	s.forget(table)
	merged := wanted
	kept, err := s.replica(ctx, table)
	switch {
	case errors.Is(err, errUnknownTable):
		if err := s.free(ctx, table); err != nil {
			return err
		}
	case err != nil:
		return err
	default:
		if merged, err = merge(kept.shape, wanted); err != nil {
			return err
		}
	}
	if !s.strict() {
		if err := merged.differInCase(); err != nil {
			return err
		}
	}
	return s.extend(ctx, table, merged)
}

// free returns an error where a table has the name in another case, which is the same to SQLite.
func (s *storage) free(ctx context.Context, table string) error {
	if s.strict() {
		return nil
	}
	var other string
	found, err := store.One(ctx, s.db, squirrel.Select("table_name").From(s.own("shapes")).Where("table_name = ? COLLATE NOCASE", table), &other)
	if err == nil && found {
		err = fmt.Errorf("%w: there is a table %q, and the server's database, SQLite, takes no other that differs in case only", errShape, other)
	}
	return err
}

// extend makes the replica of a shape, or the columns that it lacks.
func (s *storage) extend(ctx context.Context, table string, merged shape) error {
	r := s.of(table)
	r.shape = merged
	there, err := s.db.Describe(ctx, r.name)
	if err != nil {
		return err
	}
	ddl := r.create(s.partitions)
	if len(there.Columns) > 0 {
		ddl = ""
		for _, c := range merged.Columns {
			if _, ok := there.Column(c.Name); !ok {
				ddl += fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s %s;\n", store.Quote(r.name), store.Quote(c.Name), r.typeOf(c.Kind))
			}
		}
	}
	if ddl != "" {
		if err := s.db.Create(ctx, ddl); err != nil {
			return err
		}
	}
	text, err := json.Marshal(merged)
	if err != nil {
		return err
	}
	err = inTx(ctx, s.db, func(ctx context.Context, tx writer) error {
		_, err := tx.Exec(ctx, squirrel.Insert(s.own("shapes")).Columns("table_name", "shape").Values(table, string(text)).
			Suffix("ON CONFLICT (table_name) DO UPDATE SET shape = excluded.shape"))
		return err
	})
	s.forget(table)
	return err
}

// merge returns a shape with the columns of both.
func merge(kept, wanted shape) (shape, error) {
	if !slices.Equal(kept.Key, wanted.Key) {
		return kept, fmt.Errorf("%w: its key is (%s) and not (%s)", errShape, strings.Join(kept.Key, ", "), strings.Join(wanted.Key, ", "))
	}
	merged := shape{Key: kept.Key, Columns: slices.Clone(kept.Columns)}
	for _, c := range wanted.Columns {
		n := kept.index(c.Name)
		switch {
		case n < 0:
			merged.Columns = append(merged.Columns, c)
		case kept.Columns[n].Kind != c.Kind:
			return kept, fmt.Errorf("%w: column %q is of kind %s and not %s: convert it on the client, or upload the table under another name", errShape, c.Name, kept.Columns[n].Kind, c.Kind)
		}
	}
	slices.SortFunc(merged.Columns, func(a, b column) int { return strings.Compare(a.Name, b.Name) })
	return merged, merged.check()
}

// strict reports whether columns keep their type.
func (s *storage) strict() bool { return s.db.Dialect().Schemas() }

// of returns the replica of a table, without its shape.
func (s *storage) of(table string) replica {
	return replica{name: s.prefix + table, strict: s.strict(), side: func(what string) string { return s.prefix + "_" + what + "_" + table }}
}

func (s *storage) forget(table string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.shapes, table)
}

// replica returns the replica of a table.
func (s *storage) replica(ctx context.Context, table string) (replica, error) {
	s.mu.Lock()
	r, ok := s.shapes[table]
	s.mu.Unlock()
	if ok {
		return r, nil
	}
	var text string
	found, err := store.One(ctx, s.db, squirrel.Select("shape").From(s.own("shapes")).Where(squirrel.Eq{"table_name": table}), &text)
	if err == nil && !found {
		err = errUnknownTable
	}
	r = s.of(table)
	if err == nil {
		err = json.Unmarshal([]byte(text), &r.shape)
	}
	if err != nil {
		return r, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shapes[table] = r
	return r, nil
}

// account is a tenant's summary, and what goes with it.
type account struct {
	tenant
	salt    [16]byte
	sum     Sum
	version int64
	time    string
}

func (a account) summary() summary {
	return summary{Count: a.sum.Count, Version: a.version, Time: a.time, Sum: a.sum.String()}
}

// account reads the summary of a tenant. In a transaction it locks it, so that the writers
// of one table of a database come one after another, and no others wait.
func (s *storage) account(ctx context.Context, q store.Querier, t tenant, suffix string) (account, error) {
	a := account{tenant: t}
	var salt string
	var hi, lo int64
	found, err := store.One(ctx, q, squirrel.Select("salt", "row_count", "sum_hi", "sum_lo", "version", "greatest_time").
		From(s.own("tables")).Where(t.eq()).Suffix(suffix), &salt, &a.sum.Count, &hi, &lo, &a.version, &a.time)
	if err == nil && !found {
		err = errUnknownTable
	}
	if err != nil {
		return a, err
	}
	a.sum.hi, a.sum.lo = uint64(hi), uint64(lo)
	a.salt, err = parseSalt(salt)
	return a, err
}

// tree returns the sums of an account in a replica.
func (s *storage) tree(a account, r replica) (sums, rows tree) {
	sums = tree{sums: s.prefix + "_sums", owner: append(a.owner(), owned{"table_name", a.table}), salt: a.salt}
	rows = tree{prints: r.name, pos: columnPos, hash: columnHash, owner: []owned{{columnClient, a.client}, {columnDatabase, a.database}}, salt: a.salt}
	return sums, rows
}

// write calls work with the locked account, and keeps what it did. The replica is that by which
// the request was read: one that has more columns by now has their values in other places.
func (s *storage) write(ctx context.Context, t tenant, r replica, work func(ctx context.Context, w *writing) error) (kept summary, err error) {
	err = inTx(ctx, s.db, func(ctx context.Context, tx writer) error {
		a, err := s.account(ctx, tx, t, s.db.Dialect().Lock())
		if err != nil {
			return err
		}
		w := &writing{tx: tx, replica: r, account: &a, changes: changes{}}
		w.sums, w.rows = s.tree(a, r)
		before := a
		if err := work(ctx, w); err != nil {
			return err
		}
		a.sum = a.sum.plus(w.changes.total())
		kept = a.summary()
		if a == before && len(w.changes) == 0 {
			return nil
		}
		if err := w.sums.apply(ctx, tx, w.changes); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, squirrel.Update(s.own("tables")).Where(t.eq()).SetMap(map[string]any{
			"row_count": a.sum.Count, "sum_hi": int64(a.sum.hi), "sum_lo": int64(a.sum.lo),
			"version": a.version, "greatest_time": a.time, "changed_at": time.Now().UnixMilli(),
		}))
		return err
	})
	return kept, err
}
