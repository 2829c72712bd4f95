package ledger

import (
	"context"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

const passes = "{synced_passes}"

// Pass is a pass that was not finished: of a list, or of the lists of parents.
type Pass struct {
	// Shape stands for what was asked for, and how: only a run of the same shape
	// resumes the pass.
	Shape string
	// Position is where the pass resumes.
	Position string
	// Known is what the pass knows but for the ids, in JSON.
	Known string
	// Began is when the pass began, and Recorded when this was written.
	Began, Recorded time.Time
}

// PassOf reads the unfinished pass of a scope, and reports whether there is one.
func PassOf(ctx context.Context, q store.Querier, s Scope) (Pass, bool, error) {
	var p Pass
	var began, recorded backend.Time
	found, err := store.One(ctx, q, squirrel.Select("shape", "position", "known", "began_at", "recorded_at").From(passes).Where(s.where()),
		&p.Shape, &p.Position, &p.Known, &began, &recorded)
	p.Began, p.Recorded = began.Time, recorded.Time
	return p, found, err
}

// PutPass keeps how far a pass has come.
func PutPass(ctx context.Context, tx store.Tx, s Scope, p Pass) error {
	return put(ctx, tx, passes, s, []string{"shape", "position", "known", "began_at", "recorded_at"},
		p.Shape, p.Position, p.Known, backend.Moment(p.Began), backend.Moment(p.Recorded))
}

// DropPass forgets the unfinished pass of a scope and its ids.
func DropPass(ctx context.Context, tx store.Tx, s Scope) error {
	_, err := drop(ctx, tx, passes, s)
	if err == nil {
		_, err = drop(ctx, tx, seen, s)
	}
	return err
}

// ResetPass forgets the unfinished pass of a scope, or of every scope, and returns how
// many there were. Ids stay where a run may be under way that needs those which others
// wrote beside it.
func ResetPass(ctx context.Context, tx store.Tx, s Scope) (int64, error) {
	n, err := drop(ctx, tx, passes, s)
	if err == nil {
		_, err = tx.Exec(ctx, squirrel.Delete(seen).Where(s.where()).Where("NOT EXISTS (SELECT 1 FROM "+runs+" r WHERE r.model = "+seen+".model AND"+
			" r.scope_type = "+seen+".scope_type AND r.scope_id = "+seen+".scope_id AND r.ended_at IS NULL)"))
	}
	return n, err
}

func passOf(s Scope) squirrel.SelectBuilder {
	return squirrel.Select("1").From(passes).Where(s.where())
}
