package peer

import (
	"context"
	"fmt"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

// Failure is a change of a peer that was not made.
type Failure struct {
	// Peer is the GUID of the peer, and Seq the change's position in its journal. It is negative of
	// a row of a snapshot, which has none.
	Peer string
	Seq  int64
	// Model is the model's name, Row the row's, and Op what the change does.
	Model, Row, Op string
	// Error is what was wrong, and Failures how often the change was tried.
	Error    string
	Failures int64
	// Refused reports whether the change is not made for good, and the changes after it went
	// on. Others wait, and so do later changes of the models of their transaction.
	Refused bool
	// At is when the change was received, and of a row of a snapshot when it was tried first.
	At time.Time
}

// mostFailures is how many failures are listed.
const mostFailures = 1000

// Failures lists the changes that can't be applied, which are tried again with each exchange,
// and those that were refused. It lists 1000 at most.
func (p *Peer) Failures(ctx context.Context) (list []Failure, err error) {
	query := squirrel.Expr("SELECT peer, seq, change, error, failures, state, received_at FROM "+inbox+" WHERE state IN ('failed', 'refused')"+
		" UNION ALL SELECT peer, -number, change, error, failures, state, noted_at FROM "+staged+" WHERE number > 0 AND state IN ('failed', 'refused') ORDER BY 1, 2 LIMIT ?", mostFailures)
	err = store.Each(ctx, p.db, query, func(rows store.Rows) error {
		var f Failure
		var c Change
		var body, state string
		var at backend.Time
		err := rows.Scan(&f.Peer, &f.Seq, &body, &f.Error, &f.Failures, &state, &at)
		if err == nil {
			err = decode([]byte(body), &c)
		}
		f.Model, f.Row, f.Op, f.Refused, f.At = c.Model, c.Row.String(), c.Op, state == "refused", at.Time
		list = append(list, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("synced: peer: list failures: %w", err)
	}
	return list, nil
}

// Retry tries to apply what waits of a peer's changes, as each exchange does.
func (p *Peer) Retry(ctx context.Context, guid string) error {
	s, known, err := standingOf(ctx, p.db, guid)
	if err == nil && !known {
		err = fmt.Errorf("it is not known here")
	}
	if err == nil {
		err = p.applyAll(ctx, s.Remote)
	}
	if err != nil {
		return fmt.Errorf("synced: peer: retry changes of %s: %w", guid, err)
	}
	return nil
}

// Skip leaves out a change that can't be applied, and applies what waited for it. The row is
// then not as the peer has it, until one of the two changes it again.
func (p *Peer) Skip(ctx context.Context, guid string, seq int64) error {
	found := false
	err := p.inTx(ctx, func(ctx context.Context, tx backend.Tx) error {
		a, err := p.applying(ctx, tx, Remote{GUID: guid}, true)
		switch {
		case err != nil:
		case seq < 0:
			found, err = a.skipStaged(ctx, -seq)
		default:
			found, err = a.skip(ctx, seq)
		}
		return err
	})
	if err == nil && !found {
		err = fmt.Errorf("no such change failed: see Failures")
	}
	if err != nil {
		return fmt.Errorf("synced: peer: skip change %d of %s: %w", seq, guid, err)
	}
	return p.Retry(ctx, guid)
}

// skip leaves out a change of the inbox, and reports whether it failed before.
func (a *applying) skip(ctx context.Context, seq int64) (found bool, err error) {
	var body string
	found, err = store.One(ctx, a.tx, squirrel.Expr("SELECT change FROM "+inbox+" WHERE peer = ? AND seq = ? AND state = 'failed'", a.from.GUID, seq), &body)
	if err != nil || !found {
		return false, err
	}
	c := &Change{}
	if err := decode([]byte(body), c); err != nil {
		return false, err
	}
	if _, err := a.tx.Exec(ctx, squirrel.Update(inbox).Set("state", "skipped").Where(squirrel.Expr("peer = ? AND seq = ?", a.from.GUID, seq))); err != nil {
		return false, err
	}
	return true, a.withhold(ctx, c)
}
