package journal

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// The tables of the journal.
const (
	noted   = "{synced_journal_new}"
	journal = "{synced_journal}"
	kept    = "{synced_journal_rows}"
	state   = "{synced_journal_state}"
)

// mostStamped is about how many changes get their place in one transaction on SQLite, where
// nobody else can write meanwhile.
const mostStamped = 5000

// stamper gives changes their place.
type stamper struct {
	db   backend.Store
	sql  dialect
	guid string
}

// stamp gives all changes that are committed their place. It takes no lock that a writer
// of the service's waits for on PostgreSQL.
//
// Transactions stand in the order of their greatest id, and changes within one in that of
// their ids. It is a right one: if a transaction wrote a row that another had written, the
// other was committed before. So all ids of that are smaller, and who sees the one sees the
// other. What is committed later can't belong before what has its place, for the same reason.
func (s stamper) stamp(ctx context.Context) error {
	for {
		some, err := store.One(ctx, s.db, squirrel.Select("1").From(noted).Limit(1), nil)
		if err != nil || !some {
			return err
		}
		if err := backend.InTx(ctx, s.db, s.some); err != nil {
			return fmt.Errorf("give changes their place: %w", err)
		}
		if s.db.Dialect().Schemas() {
			return nil
		}
	}
}

func (s stamper) some(ctx context.Context, tx backend.Tx) error {
	var seq, number int64
	lock := squirrel.Select("last_seq", "last_tx").From(state)
	if suffix := tx.Dialect().Lock(); suffix != "" {
		lock = lock.Suffix(suffix)
	}
	if _, err := store.One(ctx, tx, lock, &seq, &number); err != nil {
		return err
	}
	var args []any
	if !tx.Dialect().Schemas() {
		var end int64
		if _, err := store.One(ctx, tx, squirrel.Expr("SELECT coalesce((SELECT rowid FROM "+noted+" WHERE last = 1 AND rowid >= (SELECT min(rowid) FROM "+noted+") + ? ORDER BY rowid LIMIT 1), (SELECT max(rowid) FROM "+noted+"), 0)", mostStamped), &end); err != nil {
			return err
		}
		args = append(args, end)
	}
	placed, err := tx.Exec(ctx, squirrel.Expr(s.placing(), append(args, seq, number, s.guid, s.guid)...))
	if err != nil || placed == 0 {
		return err
	}
	if len(args) > 0 {
		if _, err := tx.Exec(ctx, squirrel.Expr("DELETE FROM "+noted+" WHERE rowid <= ?", args...)); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, squirrel.Expr("INSERT INTO "+kept+" (model, key, version_time, version_origin, deleted, seq)"+
		" SELECT model, key, version_time, version_origin, op = 'delete', seq FROM (SELECT model, key, version_time, version_origin, op, seq,"+
		" row_number() OVER (PARTITION BY model, key ORDER BY seq DESC) AS back FROM "+journal+" WHERE seq > ?) AS newest WHERE back = 1"+
		" ON CONFLICT (model, key) DO UPDATE SET version_time = excluded.version_time, version_origin = excluded.version_origin, deleted = excluded.deleted, seq = excluded.seq", seq))
	if err == nil {
		_, err = tx.Exec(ctx, squirrel.Expr("UPDATE "+state+" SET last_seq = ?, last_tx = (SELECT tx FROM "+journal+" WHERE seq = ?)", seq+placed, seq+placed))
	}
	return err
}

// placing is the statement that takes what was noted and writes it into the journal.
//
// The version of a change is its time, or one more than the version before. Of several
// changes of a row that is a running maximum: of the n-th, n plus the greatest of what each
// one's time is without its own number. One that was made elsewhere brings its version, and
// the count begins again behind it.
func (s stamper) placing() string {
	m := func(name string) string { return s.sql.member("mark", name) }
	return "WITH gone AS (" + s.sql.taken() + ")," +
		" ends AS (SELECT gone.*, max(id) OVER (PARTITION BY tx) AS ending FROM gone)," +
		" places AS (SELECT ends.*, ? + row_number() OVER (ORDER BY ending, id) AS seq, ? + dense_rank() OVER (ORDER BY ending) AS number FROM ends)," +
		" known AS (SELECT p.*, CASE WHEN p.mark LIKE '{%' THEN CASE WHEN " + m("model") + " = p.model AND " + m("key") + " = p.key THEN CAST(" + m("time") + " AS bigint) END END AS given," +
		" r.version_time AS stored, r.version_origin AS stored_origin, r.deleted AS was_deleted FROM places p LEFT JOIN " + kept + " r ON r.model = p.model AND r.key = p.key)," +
		" parts AS (SELECT known.*, count(given) OVER (PARTITION BY model, key ORDER BY seq) AS part FROM known)," +
		" counted AS (SELECT parts.*, row_number() OVER (PARTITION BY model, key, part ORDER BY seq) - CASE WHEN part > 0 THEN 1 ELSE 0 END AS n FROM parts)," +
		" raised AS (SELECT counted.*, max(coalesce(given, at_ms * 65536 - n)) OVER (PARTITION BY model, key, part ORDER BY seq) AS most FROM counted)," +
		" versions AS (SELECT raised.*, n + CASE WHEN part = 0 AND stored > most THEN stored ELSE most END AS version_time, CASE WHEN given IS NOT NULL THEN " + m("version_origin") + " ELSE ? END AS version_origin FROM raised)," +
		" chained AS (SELECT versions.*, lag(version_time) OVER w AS before_time, lag(version_origin) OVER w AS before_origin, lag(op) OVER w AS before_op, lead(number) OVER (ORDER BY seq) AS after_number FROM versions WINDOW w AS (PARTITION BY model, key ORDER BY seq))" +
		" INSERT INTO " + journal + " (seq, tx, last, origin, origin_seq, via, model, key, op, old_row, new_row, version_time, version_origin, bases, at_ms)" +
		" SELECT seq, number, after_number IS NULL OR after_number <> number," +
		" CASE WHEN given IS NOT NULL THEN " + m("origin") + " ELSE ? END," +
		" CASE WHEN given IS NOT NULL THEN coalesce(nullif(CAST(" + m("seq") + " AS bigint), 0), seq) ELSE seq END," +
		" CASE WHEN given IS NOT NULL THEN " + m("via") + " WHEN mark = '" + backend.JournalRun + "' THEN '" + ViaRun + "' ELSE '' END," +
		" model, key, CASE WHEN op = 'create' AND coalesce(before_op <> 'delete', NOT was_deleted) THEN 'update' ELSE op END, old_row, new_row, version_time, version_origin," +
		" CASE WHEN given IS NOT NULL THEN " + m("bases") + " WHEN before_time IS NOT NULL THEN before_time || '-' || before_origin WHEN stored IS NOT NULL THEN stored || '-' || stored_origin ELSE '' END," +
		" CASE WHEN given IS NOT NULL THEN CAST(" + m("at") + " AS bigint) ELSE at_ms END FROM chained"
}
