package peer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/store"
)

const staged = "{synced_peer_snapshot}"

// The states of a snapshot that is not complete.
const (
	receiving   = "receiving"
	reconciling = "reconciling" // all is here, and is being applied
	overlapping = "overlapping" // it is applied, and changes follow that were made meanwhile
)

// AcceptPage stores a page of a peer's snapshot, which has to follow the last one. When the
// last page is here, the snapshot is applied: rows that are missing here come, those that the
// peer changed while this installation was away are brought up to date, and those that it
// deleted go, unless they were changed here as well. That is a conflict, as ever. What the peer
// had not done before it began to read counts as changed here.
func (p *Peer) AcceptPage(ctx context.Context, from Remote, page *Page) error {
	err := page.check()
	if err == nil {
		err = p.inTx(ctx, func(ctx context.Context, tx backend.Tx) error { return p.storePage(ctx, tx, from, page) })
	}
	if err == nil && page.Next == "" {
		err = p.applyAll(ctx, from)
	}
	if err != nil {
		return fmt.Errorf("snapshot of %s: %w", from.Name, err)
	}
	return nil
}

func (p *applier) storePage(ctx context.Context, tx backend.Tx, from Remote, page *Page) error {
	s, err := standingTurn(ctx, tx, from.GUID)
	if err != nil {
		return err
	}
	if page.From < s.received {
		return &PageError{} // it is late
	}
	if page.Cursor == "" {
		err = unstage(ctx, tx, from.GUID)
	} else if s.snapshot != receiving || s.cursor != page.Cursor || s.from != page.From {
		return &PageError{}
	}
	for i := range page.Rows {
		if err != nil {
			return err
		}
		err = p.stage(ctx, tx, from, &page.Rows[i])
	}
	if err == nil {
		err = stageMarks(ctx, tx, from.GUID, page)
	}
	columns := map[string]any{"snapshot": receiving, "snapshot_cursor": page.Next, "snapshot_from": page.From, "snapshot_upto": page.Upto, "snapshot_done": page.Done}
	if err == nil && page.Next == "" {
		_, err = tx.Exec(ctx, squirrel.Delete(staged).Where(squirrel.Expr("peer = ? AND state = 'refused'", from.GUID)))
	}
	if err == nil && page.Next == "" {
		columns["snapshot"] = reconciling
		columns["received"], columns["received_version"] = page.From, page.Version
		// What waited is in the snapshot, as far as it still holds.
		_, err = tx.Exec(ctx, squirrel.Update(inbox).Set("state", "skipped").Set("error", "a snapshot came").Set("processed_at", backend.Moment(p.now())).
			Where(squirrel.Expr("peer = ? AND processed_at IS NULL", from.GUID)))
	}
	if err != nil {
		return err
	}
	return set(ctx, tx, from.GUID, columns)
}

// giveUp forgets a snapshot: all of it is done, or changes came that make it needless. What was
// refused stays listed.
func giveUp(ctx context.Context, tx backend.Tx, guid string) error {
	_, err := tx.Exec(ctx, squirrel.Delete(staged).Where(squirrel.Expr("peer = ? AND state <> 'refused'", guid)))
	if err == nil {
		err = set(ctx, tx, guid, map[string]any{"snapshot": "", "snapshot_cursor": ""})
	}
	return err
}

// PageError is a page of a snapshot that does not follow the last one: begin with the first.
type PageError struct{}

func (e *PageError) Error() string {
	return "the page does not follow the last one: begin the snapshot again"
}

// reconcile applies a snapshot that is here, and resumes one that was killed. What can't be applied
// is tried again: a row that went may have had its value.
func (p *applier) reconcile(ctx context.Context, from Remote) error {
	s, _, err := standingOf(ctx, p.db, from.GUID)
	if err != nil {
		return err
	}
	waits, err := p.applyStaged(ctx, from, s.snapshot == overlapping)
	if err != nil || s.snapshot == overlapping {
		return err
	}
	// Children before parents.
	for i := len(p.models) - 1; i >= 0; i-- {
		if err := p.removeUnstaged(ctx, s, p.models[i]); err != nil {
			return err
		}
	}
	if waits {
		if _, err := p.applyStaged(ctx, from, true); err != nil {
			return err
		}
	}
	return p.inTx(ctx, func(ctx context.Context, tx backend.Tx) error {
		now, err := standingTurn(ctx, tx, from.GUID)
		if err != nil || now.snapshot != reconciling || now.from != s.from {
			return err
		}
		return set(ctx, tx, from.GUID, map[string]any{"snapshot": overlapping})
	})
}

// reconcile brings one row to what the snapshot has.
func (a *applying) reconcile(ctx context.Context, in *incoming) error {
	if in.key != nil {
		if _, err := in.m.lock(ctx, a.tx, in.key, a.tx.Dialect().Lock()); err != nil {
			return err
		}
	}
	s, err := a.peer.stateOf(ctx, a.tx, in.m, in.key)
	if err != nil {
		return err
	}
	switch {
	case s.known && s.version == in.version:
		return a.settle(ctx, in)
	case s.known && in.Disputed:
		return a.clash(ctx, in, ofRow, "both sides changed the row")
	case !s.known && s.exists() && !sameRow(exchanged(in.m, s.row), in.new):
		return a.clash(ctx, in, ofRow, "both sides had the row before their first exchange")
	case s.known:
		own, base, err := a.unsent(ctx, in, s)
		if err != nil || own && base == in.version {
			return err // it is only ahead
		}
		if own {
			return a.clash(ctx, in, ofRow, "both sides changed the row while they were apart")
		}
		in.follow(s.version)
	default:
		in.follow()
	}
	if may := a.authorize(ctx, in); may != nil {
		return a.refuseStaged(ctx, in.Change, may.Error())
	}
	if kind, reason, err := a.obstacle(ctx, in); err != nil || kind != "" {
		return errors.Join(err, a.clash(ctx, in, kind, reason))
	}
	if reason := a.taken[in.Seq]; reason != "" {
		return a.clash(ctx, in, ofValue, reason)
	}
	return a.write(ctx, in, s.exists())
}

// unsent reports whether a row was changed here since what the peer had of it when it began to
// read its snapshot, or when it read the row, and the version that this began with.
func (a *applying) unsent(ctx context.Context, in *incoming, s state) (own bool, base journal.Version, err error) {
	theyHad, err := a.had(ctx, in.m)
	if err != nil {
		return false, base, err
	}
	history, err := a.peer.rows.History(ctx, a.tx, in.m.Table, s.journal)
	if err != nil {
		return false, base, err
	}
	for _, c := range history {
		if c.Via == a.from.GUID || c.Seq > 0 && c.Seq <= theyHad || slices.Contains(in.bases, c.Version) {
			return own, c.Version, nil
		}
		own = true
		base = journal.Version{}
		if len(c.Bases) > 0 {
			base = c.Bases[0]
		}
	}
	if !own && s.version.Origin != a.from.GUID {
		// What is known of the row may have been dropped before the peer had it.
		own, err = store.One(ctx, a.tx, squirrel.Expr("SELECT 1 FROM {synced_journal_state} WHERE pruned > ?", theyHad), nil)
	}
	return own, base, err
}

// had is the last of our changes of a model that the peer had done when it began to read its
// snapshot, 0 where it never was given the rows of the model.
func (a *applying) had(ctx context.Context, m *model) (int64, error) {
	var since int64
	given, err := store.One(ctx, a.tx, squirrel.Expr("SELECT since FROM "+peerModels+" WHERE peer = ? AND model = ? AND since BETWEEN 0 AND ?", a.from.GUID, m.Table, a.theyHad), &since)
	if err != nil || !given {
		return 0, err
	}
	return a.theyHad, nil
}

// overlap reports whether a change is in the snapshot that came while it was made.
func (a *applying) overlap(ctx context.Context, in *incoming) (bool, error) {
	if a.overlapUpto < in.Seq {
		return false, nil
	}
	var text string
	found, err := store.One(ctx, a.tx, squirrel.Expr("SELECT version FROM "+staged+" WHERE peer = ? AND model = ? AND row_name = ? AND version <> ''", a.from.GUID, in.m.Name, in.Row.String()), &text)
	if err != nil {
		return false, err
	}
	if !found {
		// It was gone when its page was read, or not there yet.
		if in.Op == create || in.key == nil {
			return in.Op != create, nil
		}
		there, err := in.m.lock(ctx, a.tx, in.key, "")
		return !there, err
	}
	version, err := journal.ParseVersion(text)
	return in.version.Compare(version) <= 0, err
}
