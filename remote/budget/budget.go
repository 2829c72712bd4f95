// Package budget keeps the rate limit of a credential in the database, so that all
// processes that use the credential stay inside it together.
package budget

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/store"
)

// Config says what may be asked. Credential and PerSecond are required.
type Config struct {
	// Credential tells budgets apart: the credential itself, or what stays the same when a
	// token is renewed, such as the account and the host. Only a hash of it is kept.
	Credential string `json:"-"`
	// PerSecond is how many requests all processes together may start in a second, on
	// average: 100. / 60 for 100 a minute. All processes should say the same.
	PerSecond float64
	// Burst is how many may start at once after a pause. Defaults to 1. An API that counts
	// by fixed windows may see Burst more than PerSecond allows in one of them.
	Burst int
}

// String and GoString keep the credential out of a printed Config.
func (c Config) String() string {
	return fmt.Sprintf("budget.Config{PerSecond: %v, Burst: %d}", c.PerSecond, c.Burst)
}
func (c Config) GoString() string { return c.String() }

// Budget is the budget of a credential, for [wire.LimiterConfig]. It is safe for concurrent
// use. A process should have one limiter with it.
//
// Each request has a time of its own, in the order in which limiters ask: one after the
// other, by the database's clock. A limiter leases a portion: a request for each run that
// waits, and more, up to two seconds' worth, while it uses them. So runs take turns, in
// whatever processes they are. What a process leased and did not use goes back when its
// limiter is closed ([wire.Limiter.Close]); of one that is killed, it is lost. Where a remote
// says when to come back, all processes wait until then; they see it within a second.
//
// Where the database can't be reached, requests fail: nobody could tell how many others
// make, and a run could not write what they bring.
type Budget struct {
	db         backend.Store
	credential string // its hash
	step       int64  // from one request to the next, in microseconds
	burst      int64  // how much earlier a request may start than it is due
}

var _ wire.Budget = (*Budget)(nil)

// New makes the budget of a credential. The database has to be migrated; New asks it for
// nothing. A store of a single connection is an error.
func New(db store.Store, c Config) (*Budget, error) {
	b, err := backend.Of(db)
	switch {
	case err != nil:
	case !b.Parallel():
		err = errors.New("the store has a single connection, and requests are made beside what it does: make it of a pool")
	case c.Credential == "":
		err = errors.New("the credential is missing: name the account, or give what is sent")
	case !(c.PerSecond > 0):
		err = fmt.Errorf("PerSecond is %v: give a positive number, such as 100. / 60 for 100 a minute", c.PerSecond)
	case c.PerSecond < 1./86400, c.PerSecond > 10000:
		err = fmt.Errorf("PerSecond is %v: give at least one a day, and at most 10000", c.PerSecond)
	case c.Burst < 0:
		err = fmt.Errorf("burst is %d: give a positive number, or 0 for the default", c.Burst)
	}
	if err != nil {
		return nil, fmt.Errorf("synced: budget: %w", err)
	}
	sum := sha256.Sum256([]byte("synced budget " + c.Credential))
	// Rounded up, so that rounding lets nothing more through.
	step := int64(1e6/c.PerSecond) + 1
	return &Budget{db: b, credential: hex.EncodeToString(sum[:]), step: step, burst: step * int64(max(1, c.Burst)-1)}, nil
}

// Lease reserves the next n requests, as [wire.Budget] says.
func (b *Budget) Lease(ctx context.Context, n int, allowed time.Duration) (wire.Portion, error) {
	state, err := ledger.BudgetOf(ctx, b.db, b.credential)
	if p := b.portion(state); err != nil || n <= 0 || max(p.Wait, p.Held) > allowed {
		return p, failed("look what is left", err)
	}
	var p wire.Portion
	err = backend.InTx(ctx, b.db, func(ctx context.Context, tx backend.Tx) error {
		state, err := ledger.BudgetTurn(ctx, tx, b.credential)
		if p = b.portion(state); err != nil || max(p.Wait, p.Held) > allowed {
			return err
		}
		p.N = min(n, 1+int((allowed-max(p.Wait, 0))/p.Step)) // the others would wait too long
		state.Next = b.due(state) + int64(p.N)*b.step
		p.End = state.Next
		return ledger.PutBudget(ctx, tx, b.credential, state)
	})
	return p, failed("lease requests", err)
}

// Return gives back the end of a portion, as [wire.Budget] says.
func (b *Budget) Return(ctx context.Context, p wire.Portion, n int) error {
	return failed("give requests back", backend.InTx(ctx, b.db, func(ctx context.Context, tx backend.Tx) error {
		state, err := ledger.BudgetTurn(ctx, tx, b.credential)
		if err != nil || state.Next != p.End {
			return err
		}
		state.Next -= int64(n) * b.step
		return ledger.PutBudget(ctx, tx, b.credential, state)
	}))
}

// due is when the next request is due. It may start earlier by the burst, but not while
// all are held.
func (b *Budget) due(s ledger.Budget) int64 { return max(s.Next, s.Now, s.Held+b.burst) }

// portion is the empty portion that begins with the next request.
func (b *Budget) portion(s ledger.Budget) wire.Portion {
	return wire.Portion{Wait: micro(b.due(s) - b.burst - s.Now), Step: micro(b.step), Held: micro(max(0, s.Held-s.Now))}
}

// Hold lets nothing start for a while, as [wire.Budget] says.
func (b *Budget) Hold(ctx context.Context, wait time.Duration) error {
	return failed("hold requests", backend.InTx(ctx, b.db, func(ctx context.Context, tx backend.Tx) error {
		state, err := ledger.BudgetTurn(ctx, tx, b.credential)
		if err != nil {
			return err
		}
		state.Held = max(state.Held, state.Now+wait.Microseconds())
		return ledger.PutBudget(ctx, tx, b.credential, state)
	}))
}

func micro(n int64) time.Duration { return time.Duration(n) * time.Microsecond }

func failed(what string, err error) error {
	if err != nil {
		return fmt.Errorf("budget: %s: %w", what, err)
	}
	return nil
}
