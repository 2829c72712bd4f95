package upload

import (
	"context"
	"maps"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// tree is the sums of one table, as a side table keeps them: one for each range of two
// and of four digits that has had rows. A range of up to four digits is the sum of at most
// 256 of them. A deeper one is read from the fingerprints themselves: there are 65,536
// ranges of four digits, so that up to ten million rows it has a few hundred.
type tree struct {
	sums   string // the side table
	prints string // the table with positions and hashes
	pos    string // its columns
	hash   string
	live   squirrel.Sqlizer // which of its rows count; nil for all
	owner  []owned          // whose sums and prints
	salt   [16]byte
	below  *tree // where the prints are, if they are owned in other columns; else nil
}

// owned is a column that says whose a row is, and its value.
type owned struct {
	name  string
	value string
}

func (t tree) where() squirrel.And {
	where := make(squirrel.And, len(t.owner))
	for i, o := range t.owner {
		where[i] = squirrel.Expr(store.Quote(o.name)+" = ?", o.value)
	}
	return where
}

// node is the number of a kept range: its digits, behind those of less depth.
func node(p prefix) int64 {
	if p.depth == 2 {
		return int64(p.bits >> 56)
	}
	return 1<<16 + int64(p.bits>>48)
}

// changes are what is to be added to the sums of ranges of four digits.
type changes map[prefix]Sum

func (c changes) add(salt [16]byte, at print) {
	p := at.pos.of(4)
	c[p] = c[p].plus(element(salt, at))
}

func (c changes) remove(salt [16]byte, at print) {
	p := at.pos.of(4)
	c[p] = c[p].minus(element(salt, at))
}

// total is what is to be added to the sum of all rows.
func (c changes) total() (all Sum) {
	for _, s := range c {
		all = all.plus(s)
	}
	return all
}

// apply adds changes to the kept sums. The caller holds the lock of the table's summary.
func (t tree) apply(ctx context.Context, tx writer, c changes) error {
	deltas := map[int64]Sum{}
	for p, s := range c {
		if s == (Sum{}) {
			continue
		}
		above := prefix{p.bits &^ (^uint64(0) >> 8), 2}
		for _, n := range []int64{node(p), node(above)} {
			deltas[n] = deltas[n].plus(s)
		}
	}
	if len(deltas) == 0 {
		return nil
	}
	nodes := slices.Sorted(maps.Keys(deltas))
	query := lookup(tx, columnsOfSum, quoteTable(t.sums), t.where(), "node", nodes)
	err := readSums(ctx, tx, query, func(n int64, s Sum) { deltas[n] = deltas[n].plus(s) })
	if err != nil {
		return err
	}
	columns, key := []sqlstore.SourceColumn{}, ""
	for _, o := range t.owner {
		columns = append(columns, sqlstore.SourceColumn{Name: o.name, Type: backend.TypeText, DBType: "text"})
		key += store.Quote(o.name) + ", "
	}
	for _, name := range columnsOfSum {
		columns = append(columns, sqlstore.SourceColumn{Name: name, Type: backend.TypeInt, DBType: "bigint"})
	}
	return tx.Put(ctx, sqlstore.Insertion{Table: t.sums, Columns: columns, Rows: len(nodes), Value: func(row, column int) any {
		if column < len(t.owner) {
			return t.owner[column].value
		}
		s := deltas[nodes[row]]
		return []int64{nodes[row], s.Count, int64(s.hi), int64(s.lo)}[column-len(t.owner)]
	}}, "ON CONFLICT ("+key+"node) DO UPDATE SET row_count = excluded.row_count, sum_hi = excluded.sum_hi, sum_lo = excluded.sum_lo")
}

func (t tree) each(ctx context.Context, q store.Querier, which squirrel.Sqlizer, found func(n int64, s Sum)) error {
	return readSums(ctx, q, squirrel.Select(columnsOfSum...).From(quoteTable(t.sums)).Where(append(t.where(), which)), found)
}

var columnsOfSum = []string{"node", "row_count", "sum_hi", "sum_lo"}

func readSums(ctx context.Context, q store.Querier, query store.SQL, found func(n int64, s Sum)) error {
	return store.Each(ctx, q, query, func(rows store.Rows) error {
		var n, count, hi, lo int64
		err := rows.Scan(&n, &count, &hi, &lo)
		found(n, Sum{count, uint64(hi), uint64(lo)})
		return err
	})
}

// children returns the sums of the 16 ranges that a range is made of.
func (t tree) children(ctx context.Context, q store.Querier, p prefix) (sums [digits]Sum, err error) {
	if p.depth >= 4 {
		rows := t
		if t.below != nil {
			rows = *t.below
		}
		err := rows.list(ctx, q, p, func(at print, e Sum) {
			d := at.pos.digit(p.depth)
			sums[d] = sums[d].plus(e)
		})
		return sums, err
	}
	depth := 2
	if p.depth >= 2 {
		depth = 4
	}
	first := node(prefix{p.bits, depth})
	last := first + int64(1)<<(4*(depth-p.depth)) - 1
	err = t.each(ctx, q, squirrel.Expr("node BETWEEN ? AND ?", first, last), func(n int64, s Sum) {
		d := (n - first) >> (4 * (depth - p.depth - 1))
		sums[d] = sums[d].plus(s)
	})
	return sums, err
}

// within is the condition for the prints of a range.
func (t tree) within(p prefix) squirrel.And {
	first, last := p.bounds()
	return append(t.where(), squirrel.Expr(store.Quote(t.pos)+" BETWEEN ? AND ?", int64(first), int64(last)))
}

// list calls found with each fingerprint of a range, and its number.
func (t tree) list(ctx context.Context, q store.Querier, p prefix, found func(at print, e Sum)) error {
	where := t.within(p)
	if t.live != nil {
		where = append(where, t.live)
	}
	query := squirrel.Select(store.Quote(t.pos), store.Quote(t.hash)).From(quoteTable(t.prints)).Where(where)
	return store.Each(ctx, q, query, func(rows store.Rows) error {
		var pos, hash int64
		err := rows.Scan(&pos, &hash)
		at := print{position(pos), hash}
		found(at, element(t.salt, at))
		return err
	})
}

// quoteTable quotes the name of a table, unless it is one of synced's own, in braces.
func quoteTable(name string) string {
	if name[0] == '{' {
		return name
	}
	return store.Quote(name)
}

// writer is a transaction of both stores.
type writer interface {
	backend.Tx
	Put(ctx context.Context, rows sqlstore.Insertion, onConflict string) error
	Refuses(err error) bool
}

// inTx is [backend.InTx] with a [writer].
func inTx(ctx context.Context, db backend.Store, work func(ctx context.Context, tx writer) error) error {
	return backend.InTx(ctx, db, func(ctx context.Context, tx backend.Tx) error {
		return work(ctx, tx.(writer))
	})
}
