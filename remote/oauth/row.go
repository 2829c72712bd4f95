package oauth

import (
	"context"
	"fmt"
	"time"

	"github.com/Masterminds/squirrel"
	"golang.org/x/oauth2"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/store"
)

const table = "synced_tokens"

// row is an account's row.
type row struct {
	sealed  []byte
	token   *oauth2.Token
	refused bool
}

// read reads the account's row.
func (a *Auth) read(ctx context.Context, q backend.Querier) (row, error) {
	var r row
	query := squirrel.Select("sealed", "refused_at IS NOT NULL").From(table).Where(squirrel.Eq{"name": a.name})
	err := store.Each(ctx, q, query, func(rows store.Rows) error { return rows.Scan(&r.sealed, &r.refused) })
	switch {
	case err != nil:
		return row{}, fmt.Errorf("read the token: %w", err)
	case r.sealed == nil:
		return row{}, fmt.Errorf("no token is stored: %w, then Save the token", remote.ErrConsentNeeded)
	}
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
		_, err := tx.Exec(ctx, squirrel.Insert(table).Columns("name", "sealed", "updated_at").Values(a.name, sealed, time.Now()).
			Suffix("ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, refused_at = NULL, updated_at = excluded.updated_at"))
		return err
	})
}

// replace writes the token that was got for an old one. It is false where the row
// is no longer that of the old one.
func (a *Auth) replace(ctx context.Context, old []byte, token *oauth2.Token) (bool, error) {
	sealed, err := a.tokens.seals.seal(a.name, token)
	if err != nil {
		return false, err
	}
	return a.update(ctx, old, map[string]any{"sealed": sealed, "refused_at": nil, "updated_at": time.Now()})
}

// refuse marks the row of a token that the provider takes no more. It is false
// where it is the row of another token by now.
func (a *Auth) refuse(ctx context.Context, old []byte) (bool, error) {
	return a.update(ctx, old, map[string]any{"refused_at": time.Now()})
}

func (a *Auth) update(ctx context.Context, old []byte, set map[string]any) (done bool, err error) {
	err = backend.InTx(ctx, a.tokens.db, func(ctx context.Context, tx backend.Tx) error {
		n, err := tx.Exec(ctx, squirrel.Update(table).SetMap(set).Where(squirrel.Eq{"name": a.name, "sealed": old}))
		done = n == 1
		return err
	})
	return done, err
}

func (a *Auth) delete(ctx context.Context) error {
	return backend.InTx(ctx, a.tokens.db, func(ctx context.Context, tx backend.Tx) error {
		_, err := tx.Exec(ctx, squirrel.Delete(table).Where(squirrel.Eq{"name": a.name}))
		return err
	})
}
