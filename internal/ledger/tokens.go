package ledger

import (
	"context"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/store"
)

const tokens = "{synced_tokens}"

// Token is an OAuth token as it is kept.
type Token struct {
	Sealed []byte // encrypted
	// Refused reports whether the provider no longer takes it.
	Refused bool
}

// TokenLock returns the name of the lock for whoever gets an account a new token.
func TokenLock(account string) string { return "synced_tokens " + account }

// TokenOf reads the token of an account, and reports whether there is one.
func TokenOf(ctx context.Context, q store.Querier, account string) (Token, bool, error) {
	var t Token
	found, err := store.One(ctx, q, squirrel.Select("sealed", "refused_at IS NOT NULL").From(tokens).Where(squirrel.Expr("name = ?", account)), &t.Sealed, &t.Refused)
	return t, found, err
}

// TokenNote is what is known of a token without opening it.
type TokenNote struct {
	Account          string
	Updated, Refused time.Time
}

// TokenNotes reads what is known of all tokens, by account.
func TokenNotes(ctx context.Context, q store.Querier) (list []TokenNote, err error) {
	query := squirrel.Select("name", "updated_at", "refused_at").From(tokens).OrderBy("name")
	err = store.Each(ctx, q, query, func(rows store.Rows) error {
		var t TokenNote
		var updated, refused backend.Time
		err := rows.Scan(&t.Account, &updated, &refused)
		t.Updated, t.Refused = updated.Time, refused.Time
		list = append(list, t)
		return err
	})
	return list, err
}

// PutToken keeps the token of an account, whatever was there.
func PutToken(ctx context.Context, tx store.Tx, account string, sealed []byte) error {
	return exec(ctx, tx, squirrel.Insert(tokens).Columns("name", "sealed", "updated_at").Values(account, sealed, backend.Moment(time.Now())).
		Suffix("ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, refused_at = NULL, updated_at = excluded.updated_at"))
}

// ReplaceToken keeps the token that an account got for an old one. It reports
// false and writes nothing where the old one is no longer the account's.
func ReplaceToken(ctx context.Context, tx store.Tx, account string, old, sealed []byte) (bool, error) {
	return updateToken(ctx, tx, account, old, squirrel.Update(tokens).Set("sealed", sealed).Set("refused_at", nil).Set("updated_at", backend.Moment(time.Now())))
}

// RefuseToken notes that the provider no longer takes a token. It reports false
// and writes nothing where it is no longer the account's.
func RefuseToken(ctx context.Context, tx store.Tx, account string, old []byte) (bool, error) {
	return updateToken(ctx, tx, account, old, squirrel.Update(tokens).Set("refused_at", backend.Moment(time.Now())))
}

func updateToken(ctx context.Context, tx store.Tx, account string, old []byte, set squirrel.UpdateBuilder) (bool, error) {
	n, err := tx.Exec(ctx, set.Where(squirrel.Eq{"name": account, "sealed": old}))
	return n == 1, err
}

// DropToken forgets the token of an account.
func DropToken(ctx context.Context, tx store.Tx, account string) error {
	return exec(ctx, tx, squirrel.Delete(tokens).Where(squirrel.Expr("name = ?", account)))
}
