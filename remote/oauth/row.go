package oauth

import (
	"context"
	"fmt"

	"golang.org/x/oauth2"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/remote"
)

// row is an account's row.
type row struct {
	sealed  []byte
	token   *oauth2.Token
	refused bool
}

// read reads the account's row.
func (a *Auth) read(ctx context.Context, q backend.Querier) (row, error) {
	kept, found, err := ledger.TokenOf(ctx, q, a.name)
	switch {
	case err != nil:
		return row{}, fmt.Errorf("read the token: %w", err)
	case !found:
		return row{}, fmt.Errorf("no token is stored: %w, then Save the token", remote.ErrConsentNeeded)
	}
	r := row{sealed: kept.Sealed, refused: kept.Refused}
	r.token, err = a.tokens.seals.open(a.name, r.sealed)
	return r, err
}

// readLocked reads the row again while the lock is surely held.
func (a *Auth) readLocked(ctx context.Context, lock backend.Lock) (r row, err error) {
	err = backend.InTx(ctx, a.tokens.db, func(ctx context.Context, tx backend.Tx) error {
		if err := lock.Check(ctx, tx); err != nil {
			return err
		}
		r, err = a.read(ctx, tx)
		return err
	})
	return r, err
}

// put writes the row, whatever was there.
func (a *Auth) put(ctx context.Context, token *oauth2.Token) error {
	sealed, err := a.tokens.seals.seal(a.name, token)
	if err != nil {
		return err
	}
	return backend.InTx(ctx, a.tokens.db, func(ctx context.Context, tx backend.Tx) error {
		return ledger.PutToken(ctx, tx, a.name, sealed)
	})
}

// replace writes the token that was got for an old one. It reports whether the row
// was still that of the old one.
func (a *Auth) replace(ctx context.Context, old []byte, token *oauth2.Token) (done bool, err error) {
	sealed, err := a.tokens.seals.seal(a.name, token)
	if err != nil {
		return false, err
	}
	err = backend.InTx(ctx, a.tokens.db, func(ctx context.Context, tx backend.Tx) error {
		done, err = ledger.ReplaceToken(ctx, tx, a.name, old, sealed)
		return err
	})
	return done, err
}

// refuse marks the row of a token that the provider no longer takes. It reports
// whether the row was still that of the token.
func (a *Auth) refuse(ctx context.Context, old []byte) (done bool, err error) {
	err = backend.InTx(ctx, a.tokens.db, func(ctx context.Context, tx backend.Tx) error {
		done, err = ledger.RefuseToken(ctx, tx, a.name, old)
		return err
	})
	return done, err
}

func (a *Auth) delete(ctx context.Context) error {
	return backend.InTx(ctx, a.tokens.db, func(ctx context.Context, tx backend.Tx) error {
		return ledger.DropToken(ctx, tx, a.name)
	})
}
