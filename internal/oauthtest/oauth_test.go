package oauthtest

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/remote/oauth"
	"github.com/syncedgo/synced/store/postgres"
	"github.com/syncedgo/synced/store/sqlite"
)

// logs is all that was logged.
var logs buffer

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		os.Exit(child())
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug})))
	os.Exit(testdb.Main(m))
}

// key is 32 bytes that are easy to find.
var key = []byte("the key of the tokens: 0123456789")[:32]

// bundle is a provider, a database, and where it is.
type bundle struct {
	*provider
	db            backend.Store
	kind, address string
}

func onBoth(t *testing.T, test func(t *testing.T, b *bundle)) {
	t.Helper()
	t.Parallel()
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			b := &bundle{provider: newProvider(t), kind: kind}
			if kind == "sqlite" {
				b.address = testdb.SQLite(t)
			} else {
				b.address = testdb.PostgresURL(t)
			}
			db, closeDB, err := open(t.Context(), kind, b.address)
			require.NoError(t, err)
			t.Cleanup(closeDB)
			require.NoError(t, db.Migrate(t.Context()))
			b.db = db
			test(t, b)
		})
	}
}

func open(ctx context.Context, kind, address string) (backend.Store, func(), error) {
	if kind == "sqlite" {
		db, err := sqlite.Open(ctx, address, sqlite.Options{})
		if err != nil {
			return nil, nil, err
		}
		return db.Backend(), func() { _ = db.Close() }, nil
	}
	pool, err := pgxpool.New(ctx, address)
	if err != nil {
		return nil, nil, err
	}
	return postgres.New(pool, postgres.Options{}).Backend(), pool.Close, nil
}

func clientConfig(url string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: clientID, ClientSecret: clientSecret,
		Endpoint: oauth2.Endpoint{TokenURL: url, AuthStyle: oauth2.AuthStyleInHeader},
	}
}

// open is what another process has.
func (b *bundle) open(t *testing.T, changes ...func(*oauth.Config)) *oauth.Tokens {
	t.Helper()
	config := oauth.Config{Key: key, Client: clientConfig(b.url)}
	for _, change := range changes {
		change(&config)
	}
	tokens, err := oauth.New(b.db, config)
	require.NoError(t, err)
	return tokens
}

const account = "account 42"

// saved has an expired token of a new grant.
func (b *bundle) saved(t *testing.T) *oauth.Tokens {
	t.Helper()
	tokens := b.open(t)
	require.NoError(t, tokens.Save(t.Context(), account, b.consent(t, "owner")))
	return tokens
}

// header is what the account's requests get.
func header(ctx context.Context, tokens *oauth.Tokens) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://example.com", nil)
	if err != nil {
		return "", err
	}
	err = tokens.Auth(account).Authorize(req)
	return req.Header.Get("Authorization"), err
}

// renew tells that a header was refused.
func renew(ctx context.Context, tokens *oauth.Tokens, header string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://example.com", nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", header)
	return tokens.Auth(account).Renew(req)
}

func execute(ctx context.Context, db backend.Store, sql string, args ...any) error {
	tx, err := db.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if _, err := tx.Exec(ctx, squirrel.Expr(sql, args...)); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

func TestAuth_RefreshesAndKeeps(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		tokens := b.saved(t)
		first, err := header(t.Context(), tokens)
		require.NoError(t, err)
		require.Contains(t, first, "Bearer ")
		again, err := header(t.Context(), tokens)
		require.NoError(t, err)
		other, err := header(t.Context(), b.open(t))
		require.NoError(t, err)
		require.Equal(t, []string{first, first}, []string{again, other})
		require.Equal(t, int64(1), b.requests.Load())

		// It is refused, here and elsewhere: whoever is first refreshes it.
		require.NoError(t, renew(t.Context(), tokens, first))
		second, err := header(t.Context(), tokens)
		require.NoError(t, err)
		require.NotEqual(t, first, second)
		late := b.open(t)
		require.NoError(t, renew(t.Context(), late, first))
		require.NoError(t, renew(t.Context(), tokens, first))
		other, err = header(t.Context(), late)
		require.NoError(t, err)
		require.Equal(t, second, other)
		require.Equal(t, int64(2), b.requests.Load())

		token, err := tokens.Auth(account).Token()
		require.NoError(t, err)
		require.Equal(t, second, token.Type()+" "+token.AccessToken)
		require.Empty(t, token.RefreshToken)
	})
}

func TestAuth_Leeway(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := t.Context()
		tokens := b.open(t)
		token := b.consent(t, "owner")
		token.Expiry = time.Now().Add(50 * time.Second)
		require.NoError(t, tokens.Save(ctx, account, token))
		short := b.open(t, func(c *oauth.Config) { c.Leeway = time.Second })
		got, err := header(ctx, short)
		require.NoError(t, err)
		require.Equal(t, "Bearer "+token.AccessToken, got, "good for more than its leeway")
		require.Zero(t, b.requests.Load())
		_, err = header(ctx, tokens)
		require.NoError(t, err)
		require.Equal(t, int64(1), b.requests.Load())

		// One that lives less than the leeway is not refreshed for each request. The
		// provider gives no new refresh token: the old one is kept.
		b.answer(200, func(r *http.Request) string {
			return fmt.Sprintf(`{"access_token":"%s and more","token_type":"bearer","expires_in":40}`, r.Form.Get("refresh_token"))
		})
		require.NoError(t, renew(ctx, tokens, mustHeader(t, tokens)))
		brief := mustHeader(t, tokens)
		require.Equal(t, brief, mustHeader(t, tokens))
		require.Equal(t, int64(2), b.requests.Load())
		require.NoError(t, renew(ctx, b.open(t), brief))
		require.Equal(t, brief, mustHeader(t, b.open(t)), "of the same refresh token")
		require.Equal(t, int64(3), b.requests.Load())
	})
}

func mustHeader(t *testing.T, tokens *oauth.Tokens) string {
	t.Helper()
	h, err := header(t.Context(), tokens)
	require.NoError(t, err)
	return h
}
