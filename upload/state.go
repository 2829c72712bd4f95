package upload

import (
	"context"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/sqlstore"
	"github.com/syncedgo/synced/store"
)

// state is what is kept of a table between steps.
type state struct {
	table string
	known bool // whether anything was kept yet
	salt  string
	shape string
	sum   Sum
	// version is the greatest that was given to a change. Versions are numbers of our own:
	// each change that is noted has a greater one, in whatever order changes are committed
	// and whatever clocks do.
	version int64
	agreed  bool   // whether the server's rows were compared with ours since both began
	etag    string // of the server's summary when both were equal, with our sum
	noted   string // how far [Versions] or [UpdatedAt] were read, as JSON
	scanned int64  // when the whole table was read, in milliseconds since 1970
	batch   int64
	failed  int64 // uploads of the smallest batch, in a row
}

func (s *state) tree() tree {
	salt, _ := parseSalt(s.salt) // it was read before
	return tree{
		sums: "{synced_upload_sums}", prints: "{synced_upload_prints}", pos: "pos", hash: "hash",
		live: squirrel.Expr("gone = 0 AND refused = ''"), owner: []owned{{"table_name", s.table}}, salt: salt,
	}
}

func loadState(ctx context.Context, q store.Querier, table string) (*state, error) {
	s := &state{table: table}
	var hi, lo, agreed int64
	found, err := store.One(ctx, q, squirrel.Select("salt", "shape", "row_count", "sum_hi", "sum_lo", "version", "agreed", "etag", "noted", "scanned_at", "batch", "failures").
		From("{synced_uploads}").Where(squirrel.Eq{"table_name": table}),
		&s.salt, &s.shape, &s.sum.Count, &hi, &lo, &s.version, &agreed, &s.etag, &s.noted, &s.scanned, &s.batch, &s.failed)
	s.known, s.sum.hi, s.sum.lo, s.agreed = found, uint64(hi), uint64(lo), agreed != 0
	return s, err
}

func (s *state) save(ctx context.Context, tx writer) error {
	values := []any{s.table, s.salt, s.shape, s.sum.Count, int64(s.sum.hi), int64(s.sum.lo), s.version, number(s.agreed), s.etag, s.noted, s.scanned, s.batch, s.failed}
	columns := []string{"table_name", "salt", "shape", "row_count", "sum_hi", "sum_lo", "version", "agreed", "etag", "noted", "scanned_at", "batch", "failures"}
	if !s.known {
		s.known = true
		_, err := tx.Exec(ctx, squirrel.Insert("{synced_uploads}").Columns(columns...).Values(values...))
		return err
	}
	set := map[string]any{}
	for i, name := range columns[1:] {
		set[name] = values[i+1]
	}
	_, err := tx.Exec(ctx, squirrel.Update("{synced_uploads}").SetMap(set).Where(squirrel.Eq{"table_name": s.table}))
	return err
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// forget drops what was noted, where the server's salt is another: it is another server,
// or it has lost what it had.
func (s *state) forget(ctx context.Context, tx writer) error {
	for _, table := range []string{"{synced_upload_prints}", "{synced_upload_sums}"} {
		if _, err := tx.Exec(ctx, squirrel.Delete(table).Where(squirrel.Eq{"table_name": s.table})); err != nil {
			return err
		}
	}
	s.sum, s.version, s.agreed, s.etag, s.noted, s.scanned, s.failed = Sum{}, 0, false, "", "", 0, 0
	return nil
}

// stored is a fingerprint as it is kept.
type stored struct {
	print
	key     string
	version int64
	gone    bool
	refused string
}

func (s stored) live() bool { return !s.gone && s.refused == "" }

// prints returns the kept fingerprints that a condition is true of.
func (s *state) prints(ctx context.Context, q store.Querier, where squirrel.Sqlizer, limit uint64) (list []stored, err error) {
	query := squirrel.Select(columnsOfPrint...).From("{synced_upload_prints}").
		Where(squirrel.And{squirrel.Eq{"table_name": s.table}, where}).OrderBy("version").Limit(limit)
	return readPrints(ctx, q, query)
}

var columnsOfPrint = []string{"pos", "row_key", "hash", "version", "gone", "refused"}

func readPrints(ctx context.Context, q store.Querier, query store.SQL) (list []stored, err error) {
	return list, store.Each(ctx, q, query, func(rows store.Rows) error {
		var one stored
		var pos, gone int64
		err := rows.Scan(&pos, &one.key, &one.hash, &one.version, &gone, &one.refused)
		one.pos, one.gone = position(pos), gone != 0
		list = append(list, one)
		return err
	})
}

// after returns the next changes after a version, in order. Versions have gaps where rows changed
// again, so that windows grow until there are enough. Of an open range, PostgreSQL sorts all that is
// left, as long as it has no statistics: an upload of 200,000 rows took it 12 µs a row, and takes 5.
func (s *state) after(ctx context.Context, q store.Querier, version, most int64) (list []stored, err error) {
	list = make([]stored, 0, max(0, min(most, s.version-version)))
	for width := most; version < s.version && int64(len(list)) < most; width *= 2 {
		some, err := s.prints(ctx, q, squirrel.Expr("refused = '' AND version > ? AND version <= ?", version, version+width), uint64(most-int64(len(list))))
		if err != nil {
			return nil, err
		}
		list, version = append(list, some...), version+width
	}
	return list, nil
}

// at returns the kept fingerprints at positions, by their keys.
func (s *state) at(ctx context.Context, q store.Querier, positions []position) (map[string]stored, error) {
	all := map[string]stored{}
	if len(positions) == 0 {
		return all, nil
	}
	own := squirrel.Eq{"table_name": s.table}
	list, err := readPrints(ctx, q, lookup(q.(backend.Querier), columnsOfPrint, "{synced_upload_prints}", own, "pos", positions))
	for _, one := range list {
		all[one.key] = one
	}
	return all, err
}

// keep writes fingerprints. Fresh reports whether none of them was kept before.
func (s *state) keep(ctx context.Context, tx writer, list []stored, fresh bool) error {
	columns := []sqlstore.SourceColumn{{Name: "table_name", Type: backend.TypeText, DBType: "text"}}
	for _, name := range []string{"pos", "row_key", "hash", "version", "gone", "refused"} {
		c := sqlstore.SourceColumn{Name: name, Type: backend.TypeInt, DBType: "bigint"}
		if name == "row_key" || name == "refused" {
			c.Type, c.DBType = backend.TypeText, "text"
		}
		columns = append(columns, c)
	}
	conflict := "ON CONFLICT (table_name, pos, row_key) DO UPDATE SET hash = excluded.hash, version = excluded.version, gone = excluded.gone, refused = excluded.refused"
	if fresh {
		conflict = ""
	}
	return tx.Put(ctx, sqlstore.Insertion{Table: "{synced_upload_prints}", Columns: columns, Rows: len(list), Value: func(n, column int) any {
		one := list[n]
		switch column {
		case 0:
			return s.table
		case 1:
			return int64(one.pos)
		case 2:
			return one.key
		case 3:
			return one.hash
		case 4:
			return one.version
		case 5:
			return number(one.gone)
		default:
			return one.refused
		}
	}}, conflict)
}

// write calls work and saves the state with what it did.
func (s *state) write(ctx context.Context, db backend.Store, work func(ctx context.Context, tx writer, c changes) error) error {
	before := *s
	err := inTx(ctx, db, func(ctx context.Context, tx writer) error {
		*s = before // the transaction may be tried again
		c := changes{}
		if err := work(ctx, tx, c); err != nil {
			return err
		}
		s.sum = s.sum.plus(c.total())
		if err := s.tree().apply(ctx, tx, c); err != nil {
			return err
		}
		return s.save(ctx, tx)
	})
	if err != nil {
		*s = before
	}
	return err
}

// note brings the kept fingerprints in line with rows as they are, and with keys of which
// there are no rows. It returns how many of them changed. Fresh says that none is kept; if one is, that
// is an error.
func (s *state) note(ctx context.Context, tx writer, c changes, rows []row, gone []stored, fresh bool) (int, error) {
	before := make(map[string]stored, len(rows))
	if !fresh {
		positions := make([]position, 0, len(rows)+len(gone))
		for _, r := range rows {
			positions = append(positions, r.pos)
		}
		for _, g := range gone {
			positions = append(positions, g.pos)
		}
		var err error
		if before, err = s.at(ctx, tx, positions); err != nil {
			return 0, err
		}
		fresh = len(before) == 0
	}
	salt := s.tree().salt
	list := make([]stored, 0, len(rows)+len(gone))
	move := func(old stored, known bool, now stored) {
		if known && old.live() {
			c.remove(salt, old.print)
		}
		if now.live() {
			c.add(salt, now.print)
		}
		s.version++
		now.version = s.version
		before[now.key] = now
		list = append(list, now)
	}
	for _, r := range rows {
		if old, known := before[r.key]; !known || old.gone || old.hash != r.hash {
			move(old, known, stored{print: r.print, key: r.key})
		}
	}
	for _, g := range gone {
		if old, known := before[g.key]; known && !old.gone {
			move(old, known, stored{print: old.print, key: g.key, gone: true})
		}
	}
	return len(list), s.keep(ctx, tx, dedup(list), fresh)
}

// dedup keeps the last fingerprint of each key: one statement can't write a row twice.
func dedup(list []stored) []stored {
	last := make(map[string]int, len(list))
	for i, one := range list {
		last[one.key] = i
	}
	if len(last) == len(list) {
		return list
	}
	kept := list[:0]
	for i, one := range list {
		if last[one.key] == i {
			kept = append(kept, one)
		}
	}
	return kept
}
