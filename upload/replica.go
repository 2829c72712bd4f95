package upload

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// replica is a table of the server's, which holds the rows of all clients.
type replica struct {
	name   string
	shape  shape
	strict bool // the database is PostgreSQL, whose columns keep their type
	// side names what belongs to the table, as no table of a client is named.
	side func(what string) string
}

// Columns of a replica beside those of the table.
const (
	columnClient   = reserved + "client"
	columnDatabase = reserved + "database"
	columnPos      = reserved + "pos"
	columnHash     = reserved + "hash"
	columnVersion  = reserved + "version"
)

func (r replica) typeOf(k kind) string {
	if r.strict {
		return placesOf[k].postgres
	}
	return placesOf[k].sqlite
}

// create returns the DDL of the table. Each key and index begins with the client and the
// database, so that no query of one reads rows of another.
func (r replica) create(partitions int) string {
	var ddl strings.Builder
	fmt.Fprintf(&ddl, "CREATE TABLE IF NOT EXISTS %s (%s text NOT NULL, %s text NOT NULL",
		store.Quote(r.name), store.Quote(columnClient), store.Quote(columnDatabase))
	for _, c := range r.shape.Columns {
		fmt.Fprintf(&ddl, ", %s %s", store.Quote(c.Name), r.typeOf(c.Kind))
		if slices.Contains(r.shape.Key, c.Name) {
			ddl.WriteString(" NOT NULL")
		}
	}
	fmt.Fprintf(&ddl, ", %s bigint NOT NULL, %s bigint NOT NULL, %s bigint NOT NULL, PRIMARY KEY (%s))",
		store.Quote(columnPos), store.Quote(columnHash), store.Quote(columnVersion), quoted(append([]string{columnClient, columnDatabase}, r.shape.Key...)))
	if partitions > 0 && r.strict {
		fmt.Fprintf(&ddl, " PARTITION BY HASH (%s);\n", store.Quote(columnClient))
		for n := range partitions {
			fmt.Fprintf(&ddl, "CREATE TABLE IF NOT EXISTS %s PARTITION OF %s FOR VALUES WITH (MODULUS %d, REMAINDER %d);\n",
				store.Quote(r.side(strconv.Itoa(n))), store.Quote(r.name), partitions, n)
		}
	} else {
		ddl.WriteString(";\n")
	}
	fmt.Fprintf(&ddl, "CREATE INDEX IF NOT EXISTS %s ON %s (%s);\n", store.Quote(r.side("pos")), store.Quote(r.name),
		quoted([]string{columnClient, columnDatabase, columnPos, columnHash, columnVersion}))
	return ddl.String()
}

func quoted(names []string) string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = store.Quote(name)
	}
	return strings.Join(list, ", ")
}

// keys returns what reads the columns of the key.
func (r replica) keys() []string {
	list := make([]string, len(r.shape.Key))
	for i, n := range r.shape.keyAt() {
		list[i] = store.Quote(r.shape.Key[i])
		if r.strict && r.shape.Columns[n].Kind.asText() {
			list[i] = "CAST(" + list[i] + " AS text)"
		}
	}
	return list
}

// readKey brings the values of key columns into their spelling on the wire.
func (r replica) readKey(values []any) string {
	key := make([]any, len(values))
	for i, n := range r.shape.keyAt() {
		key[i], _ = neutral(r.shape.Columns[n].Kind, values[i])
	}
	return string(appendKey(nil, key))
}

// kept is a row as the server has it.
type kept struct {
	print
	version int64
	key     string
}

// list calls found with the kept rows that a condition is true of.
func (r replica) list(ctx context.Context, q store.Querier, where squirrel.Sqlizer, most uint64, found func(kept)) error {
	query := squirrel.Select(r.columnsOfKept()...).From(store.Quote(r.name)).Where(where).OrderBy(columnPos, columnHash).Limit(most)
	return r.read(ctx, q, query, found)
}

func (r replica) columnsOfKept() []string {
	return append([]string{columnPos, columnHash, columnVersion}, r.keys()...)
}

func (r replica) read(ctx context.Context, q store.Querier, query store.SQL, found func(kept)) error {
	values := make([]any, len(r.shape.Key))
	var pos, hash, version int64
	dest := []any{&pos, &hash, &version}
	for i := range values {
		dest = append(dest, &values[i])
	}
	return store.Each(ctx, q, query, func(rows store.Rows) error {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		found(kept{print{position(pos), hash}, version, r.readKey(values)})
		return nil
	})
}

// at finds the kept rows at positions, by their keys.
func (r replica) at(ctx context.Context, tx writer, t tree, positions []position) (map[string]kept, error) {
	all := map[string]kept{}
	if len(positions) == 0 {
		return all, nil
	}
	// Not a lookup: where PostgreSQL has no statistics yet, it would take the primary key for each, and
	// read all rows of the client once a position, and not once.
	where := append(t.where(), tx.Dialect().AnyID(store.Quote(columnPos), backend.Int, ids(positions)))
	query := squirrel.Select(r.columnsOfKept()...).From(store.Quote(r.name)).Where(where)
	return all, r.read(ctx, tx, query, func(one kept) { all[one.key] = one })
}

// remove deletes kept rows. A hash is that of one key only; "+ 0" keeps it out of the index, where each of
// the positions would be looked for with each of the hashes: 24,000 rows took SQLite more than a minute, and take a second.
func (r replica) remove(ctx context.Context, tx writer, t tree, list []kept) error {
	for part := range slices.Chunk(list, 10000) {
		positions, hashes := make([]position, len(part)), make([]int64, len(part))
		for i, one := range part {
			positions[i], hashes[i] = one.pos, one.hash
		}
		where := append(t.where(), tx.Dialect().AnyID(store.Quote(columnPos), backend.Int, ids(positions)),
			tx.Dialect().AnyID(store.Quote(columnHash)+" + 0", backend.Int, ids(hashes)))
		if _, err := tx.Exec(ctx, squirrel.Delete(store.Quote(r.name)).Where(where)); err != nil {
			return err
		}
	}
	return nil
}

// insert adds rows.
func (r replica) insert(ctx context.Context, tx writer, t tree, rows []change) error {
	columns := make([]sqlstore.SourceColumn, 0, len(r.shape.Columns)+5)
	for _, name := range []string{columnClient, columnDatabase} {
		columns = append(columns, sqlstore.SourceColumn{Name: name, Type: backend.TypeText, DBType: "text"})
	}
	for _, name := range []string{columnPos, columnHash, columnVersion} {
		columns = append(columns, sqlstore.SourceColumn{Name: name, Type: backend.TypeInt, DBType: "bigint"})
	}
	own := len(columns)
	for _, c := range r.shape.Columns {
		columns = append(columns, sqlstore.SourceColumn{Name: c.Name, DBType: r.typeOf(c.Kind)})
	}
	return tx.Put(ctx, sqlstore.Insertion{Table: r.name, Columns: columns, Rows: len(rows), Value: func(n, column int) any {
		one := rows[n]
		if column >= own {
			return one.values[column-own]
		}
		switch column {
		case 0, 1:
			return t.owner[column].value
		case 2:
			return int64(one.pos)
		case 3:
			return one.hash
		default:
			return one.version
		}
	}}, "")
}
