package stamp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/proof"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/timestamp"
)

// gemTime is the source of a time that was taken over.
const gemTime = "gem"

var errNoTimes = errors.New("there are no times")

// TakeOver takes over the times that the declaration finds in the gem's table, unless
// that was done before. Where the table has none of the model, it is tried again.
func TakeOver(ctx context.Context, db backend.Store, m *model.Model, log *slog.Logger) error {
	gem := gemOf(m.Timestamps)
	if gem == (timestamp.Gem{}) {
		return nil
	}
	gem.Table = cmp.Or(gem.Table, "synced_timestamps")
	if err := checkGem(gem, m.Table.Scope); err != nil {
		return err
	}
	if taken, err := ledger.TakenOver(ctx, db, m.Table.Name); taken || err != nil {
		return err
	}
	query, err := gemTimes(ctx, db, gem)
	if query == nil || err != nil {
		return err
	}
	n := 0
	err = backend.InTx(ctx, db, func(ctx context.Context, tx backend.Tx) error {
		if first, err := ledger.TakeOver(ctx, tx, m.Table.Name); !first {
			return err
		}
		n, err = takeTimes(ctx, tx, query, m.Table)
		return err
	})
	switch {
	case errors.Is(err, errNoTimes):
		log.WarnContext(ctx, "synced: the gem's table has no times of the model: look at timestamp.Gem", "model", m.Table.Name, "table", gem.Table, "model_class", gem.Model, "parent_scope_type", gem.Scope)
		return nil
	case err != nil:
		return fmt.Errorf("take over the times of the gem's table %s: %w", gem.Table, err)
	}
	log.InfoContext(ctx, "synced: took over the times of the gem's table", "model", m.Table.Name, "table", gem.Table, "scopes", n)
	return nil
}

func gemOf(s timestamp.Strategy) timestamp.Gem {
	switch p := s.(type) {
	case timestamp.PerScope:
		return p.Gem
	case *timestamp.PerScope:
		return p.Gem
	}
	return timestamp.Gem{}
}

func checkGem(gem timestamp.Gem, scope string) error {
	switch {
	case gem.Model == "":
		return errors.New("timestamp.Gem has no Model: name the gem's model_class, such as \"Rental\"")
	case scope == "" && gem.Scope != "":
		return fmt.Errorf("timestamp.Gem has Scope %q, but the model has none: leave it out", gem.Scope)
	case scope != "" && gem.Scope == "":
		return fmt.Errorf("timestamp.Gem has no Scope, but the model has %q: name the gem's parent_scope_type, such as \"Account\"", scope)
	}
	return nil
}

// gemTimes returns the query for the ids of scopes and their newest times, nil where
// there is no such table. The gem keeps times in UTC, most often without saying so.
func gemTimes(ctx context.Context, db backend.Store, gem timestamp.Gem) (store.SQL, error) {
	d, err := db.Describe(ctx, gem.Table)
	if err != nil || len(d.Columns) == 0 {
		return nil, err
	}
	for _, name := range []string{"parent_scope_id", "parent_scope_type", "model_class", "synced_at"} {
		if _, ok := d.Column(name); !ok {
			return nil, fmt.Errorf("the table %s is not the gem's: it has no column %s", gem.Table, name)
		}
	}
	at := "replace(max(synced_at), ' ', 'T') || 'Z'"
	switch c, _ := d.Column("synced_at"); c.Type {
	case "timestamp with time zone":
		at = "max(synced_at)"
	case "timestamp without time zone":
		at = "max(synced_at) AT TIME ZONE 'UTC'"
	}
	where := squirrel.And{squirrel.Expr("model_class = ?", gem.Model)}
	if gem.Scope == "" {
		where = append(where, squirrel.Expr("parent_scope_id IS NULL"))
	} else {
		where = append(where, squirrel.Expr("parent_scope_type = ? AND parent_scope_id IS NOT NULL", gem.Scope))
	}
	return squirrel.Select("coalesce(CAST(parent_scope_id AS text), '')", at).From(store.Quote(gem.Table)).Where(where).GroupBy("parent_scope_id"), nil
}

// takeTimes saves the times of a query, and returns how many scopes have one. A scope
// without rows gets none: its rows were not taken over, and its next run must ask for
// everything.
func takeTimes(ctx context.Context, tx backend.Tx, query store.SQL, table *backend.Table) (int, error) {
	times := map[string]time.Time{}
	err := store.Each(ctx, tx, query, func(rows store.Rows) error {
		var id string
		var at backend.Time
		err := rows.Scan(&id, &at)
		times[id] = at.Time
		return err
	})
	if err == nil && len(times) == 0 {
		err = errNoTimes
	}
	if err != nil {
		return 0, err
	}
	n := 0
	for id, at := range times {
		rows := squirrel.Select("1").From(store.Quote(table.Name)).Where(store.Quote(table.ID) + " IS NOT NULL").Limit(1)
		if table.Scope != "" {
			rows = rows.Where(squirrel.Expr(store.Quote(table.Scope)+" = ?", id))
		}
		some, err := store.One(ctx, tx, rows, nil)
		if err == nil && some && !proof.FarAhead(at) {
			n++
			err = ledger.SaveTime(ctx, tx, ledger.Scope{Model: table.Name, Type: table.Scope, ID: id}, ledger.Time{At: at}, gemTime)
		}
		if err != nil {
			return 0, err
		}
	}
	return n, nil
}
