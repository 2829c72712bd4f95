package oauthtest

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/oauth"
	"github.com/syncedgo/synced/remote/remotetest"
	"github.com/syncedgo/synced/remote/rest"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/store"
)

// The account's token dies between two pages of several runs.
func TestAuth_TokenDiesInMidRun(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		const runs = 10
		srv := remotetest.New(remotetest.Config{PerPage: 1, Token: "nobody's"})
		t.Cleanup(srv.Close)
		b.tokens.onIssue = func(access string) {
			srv.Account(access).Collection("rentals").Put(remotetest.Record{"id": 1}, remotetest.Record{"id": 2}, remotetest.Record{"id": 3})
		}
		tokens := b.saved(t)
		first := mustHeader(t, tokens)[len("Bearer "):]
		var second sync.WaitGroup
		second.Add(runs)
		srv.OnRequest(func(r remotetest.Request) {
			if r.Page == 2 && r.Token == first {
				second.Done()
				second.Wait() // all are refused together
			}
		})
		srv.Fault(remotetest.Fault{Token: first, Page: 2, Status: http.StatusUnauthorized, Times: -1})
		clients := make([]*rest.Client, 2)
		for i, auth := range []wire.Auth{tokens.Auth(account), b.open(t).Auth(account)} { // as two processes
			var err error
			clients[i], err = rest.NewClient(rest.Config{BaseURL: srv.URL(), HTTP: srv.Client(), Auth: auth, Limiter: wire.NewLimiter(wire.LimiterConfig{InFlight: 20})})
			require.NoError(t, err)
		}
		errs, pages := make([]error, runs), make([]int, runs)
		var wg sync.WaitGroup
		for i := range runs {
			wg.Go(func() {
				for _, err := range clients[i%2].Pages(t.Context(), remote.Request{Endpoint: "rentals"}) {
					errs[i] = errors.Join(errs[i], err)
					pages[i]++
				}
			})
		}
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
		for _, n := range pages {
			require.Equal(t, 3, n)
		}
		require.Equal(t, int64(2), b.requests.Load())
		require.Equal(t, 4*runs, srv.Requests())
	})
}

func TestAuth_RevokedGrant(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		tokens := b.saved(t)
		b.tokens.Revoke("owner")
		_, err := header(t.Context(), tokens)
		require.ErrorIs(t, err, remote.ErrConsentNeeded)
		require.ErrorContains(t, err, "oauth: account 42: the account's owner must consent again: POST "+b.url+": 4")
		require.ErrorContains(t, err, "invalid_grant")
		for _, later := range []*oauth.Tokens{tokens, b.open(t)} {
			_, err = header(t.Context(), later)
			require.ErrorIs(t, err, remote.ErrConsentNeeded)
			require.EqualError(t, err, "oauth: account 42: the provider has refused the refresh token: the account's owner must consent again, then Save the token")
		}
		require.Equal(t, int64(1), b.requests.Load(), "asked no more")

		elsewhere := b.open(t)
		require.NoError(t, elsewhere.Save(t.Context(), account, b.consent(t, "owner")))
		require.NotEmpty(t, mustHeader(t, tokens))
		require.NotEmpty(t, mustHeader(t, elsewhere))
		require.Equal(t, int64(2), b.requests.Load())
	})
}

func TestAuth_ProviderTrouble(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		tokens := b.saved(t)
		b.answer(503, func(*http.Request) string { return "later" })
		_, err := header(t.Context(), tokens)
		require.ErrorIs(t, err, remote.ErrUnavailable)
		require.NotErrorIs(t, err, remote.ErrConsentNeeded)

		release := make(chan struct{})
		b.on(func(*http.Request) { <-release })
		hasty := b.open(t, func(c *oauth.Config) { c.Timeout = 20 * time.Millisecond })
		_, err = header(t.Context(), hasty)
		close(release)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "oauth: account 42: no whole answer of the provider within 20ms")

		moved := b.open(t, func(c *oauth.Config) {
			c.Client = clientConfig(b.url)
			c.Client.Endpoint.TokenURL = "http://127.0.0.1:1/token"
		})
		_, err = header(t.Context(), moved)
		require.ErrorContains(t, err, "oauth: account 42: POST http://127.0.0.1:1/token: dial tcp")
	})
}

// The refresh token is used up when the caller goes: what comes for it is saved.
func TestAuth_CallerGoesDuringTheRefresh(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		tokens := b.saved(t)
		ctx, cancel := context.WithCancel(t.Context())
		b.on(func(*http.Request) { cancel() })
		got, err := header(ctx, tokens)
		require.NoError(t, err)
		require.Equal(t, got, mustHeader(t, b.open(t)))
		require.Equal(t, int64(1), b.requests.Load())

		_, err = header(ctx, b.open(t))
		require.ErrorIs(t, err, context.Canceled, "before it")
	})
}

func TestAuth_TokenThatCouldNotBeSaved(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := t.Context()
		tokens := b.saved(t)
		b.on(func(*http.Request) {
			require.NoError(t, execute(ctx, b.db, "ALTER TABLE synced_tokens RENAME TO away"))
		})
		for range 2 {
			got, err := header(ctx, tokens)
			require.ErrorContains(t, err, "oauth: account 42: save the refreshed token, which this process keeps for the next call: ")
			require.Empty(t, got, "not used before it is saved")
		}
		require.NoError(t, execute(ctx, b.db, "ALTER TABLE away RENAME TO synced_tokens"))
		got := mustHeader(t, tokens)
		require.Equal(t, got, mustHeader(t, b.open(t)))
		require.Equal(t, int64(1), b.requests.Load())
	})
}

func TestAuth_SavedOrForgottenDuringTheRefresh(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := t.Context()
		tokens, other := b.saved(t), b.open(t)
		consented := b.consent(t, "owner again")
		consented.Expiry = time.Now().Add(time.Hour)
		b.on(func(*http.Request) { require.NoError(t, other.Save(ctx, account, consented)) })
		require.Equal(t, "Bearer "+consented.AccessToken, mustHeader(t, tokens))

		// So does a refusal of the token before.
		b.tokens.Revoke("owner again")
		fresh := b.consent(t, "owner at last")
		fresh.Expiry = time.Now().Add(time.Hour)
		b.on(func(*http.Request) { require.NoError(t, other.Save(ctx, account, fresh)) })
		require.NoError(t, renew(ctx, tokens, mustHeader(t, tokens)))
		require.Equal(t, "Bearer "+fresh.AccessToken, mustHeader(t, tokens))

		b.on(func(*http.Request) { require.NoError(t, other.Forget(ctx, account)) })
		err := renew(ctx, tokens, mustHeader(t, tokens))
		require.ErrorIs(t, err, remote.ErrConsentNeeded)
		require.EqualError(t, err, "oauth: account 42: no token is stored: the account's owner must consent again, then Save the token")
		_, err = header(ctx, tokens)
		require.ErrorIs(t, err, remote.ErrConsentNeeded)
	})
}

// lockless loses each lock at once.
type lockless struct{ backend.Store }

func (l lockless) Lock(ctx context.Context, name string, wait time.Duration) (backend.Lock, error) {
	lock, err := l.Store.Lock(ctx, name, wait)
	if err == nil {
		err = lock.Release(ctx)
	}
	return lock, err
}

func TestAuth_LostLock(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := t.Context()
		tokens := b.saved(t)
		// Before the request: nothing is asked.
		bad, err := oauth.New(lockless{b.db}, oauth.Config{Key: key, Client: clientConfig(b.url)})
		require.NoError(t, err)
		_, err = header(ctx, bad)
		require.ErrorIs(t, err, store.ErrLockLost)
		require.Zero(t, b.requests.Load())

		// During the request: the refresh token is used up, and what came for it is
		// better than what is stored.
		b.on(func(*http.Request) {
			require.NoError(t, execute(ctx, b.db, "UPDATE synced_locks SET token = token + 1"))
		})
		got := mustHeader(t, tokens)
		require.Equal(t, got, mustHeader(t, b.open(t)))
		require.Equal(t, int64(1), b.requests.Load())
	})
}

func TestAuth_LockedByAnother(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		tokens := b.saved(t)
		lock, err := b.db.Lock(t.Context(), "synced_tokens "+account, 0)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err = header(ctx, tokens)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Zero(t, b.requests.Load())
		require.NoError(t, lock.Release(t.Context()))
		require.NotEmpty(t, mustHeader(t, tokens))
	})
}

func TestTokens_Keys(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bundle) {
		ctx := t.Context()
		b.saved(t)
		next := []byte("another key of the tokens: 01234")
		with := func(key []byte, old ...[]byte) *oauth.Tokens {
			return b.open(t, func(c *oauth.Config) { c.Key, c.OldKeys = key, old })
		}
		_, err := header(ctx, with(next))
		require.ErrorContains(t, err, "oauth: account 42: the stored token can't be opened: it was sealed with another key, which belongs into OldKeys")
		require.Zero(t, b.requests.Load())
		got := mustHeader(t, with(next, key))
		require.Equal(t, got, mustHeader(t, with(next)), "a refreshed one moves to the new key")
		_, err = header(ctx, b.open(t))
		require.ErrorContains(t, err, "can't be opened")

		// A row is its account's.
		require.NoError(t, execute(ctx, b.db, "INSERT INTO synced_tokens (name, sealed, updated_at) SELECT 'account 43', sealed, updated_at FROM synced_tokens"))
		_, err = with(next).Auth("account 43").Token()
		require.ErrorContains(t, err, "oauth: account 43: the stored token can't be opened")
		require.NoError(t, execute(ctx, b.db, "UPDATE synced_tokens SET sealed = ?", []byte("short")))
		_, err = header(ctx, with(next))
		require.ErrorContains(t, err, "oauth: account 42: the stored token can't be opened")
		require.Equal(t, int64(1), b.requests.Load())
	})
}

func TestNew_Refuses(t *testing.T) {
	t.Parallel()
	good := func() oauth.Config { return oauth.Config{Key: key, Client: clientConfig("https://example.com/token")} }
	for want, change := range map[string]func(*oauth.Config){
		"oauth: key of 0 bytes: want 32 random ones":  func(c *oauth.Config) { c.Key = nil },
		"oauth: old key 2 of 3 bytes: want 32":        func(c *oauth.Config) { c.OldKeys = [][]byte{key, []byte("123")} },
		"oauth: client: missing":                      func(c *oauth.Config) { c.Client = nil },
		"oauth: client: endpoint: token URL: missing": func(c *oauth.Config) { c.Client.Endpoint.TokenURL = "" },
		"oauth: client: endpoint: auth style: want InHeader or InParams: to detect it would send a refresh token twice": func(c *oauth.Config) {
			c.Client.Endpoint.AuthStyle = oauth2.AuthStyleAutoDetect
		},
		"oauth: leeway -1s: want 0 or more":    func(c *oauth.Config) { c.Leeway = -time.Second },
		"oauth: timeout -1s: want more than 0": func(c *oauth.Config) { c.Timeout = -time.Second },
	} {
		config := good()
		change(&config)
		_, err := oauth.New(nil, config)
		require.EqualError(t, err, want)
	}
	_, err := oauth.New(nil, good())
	require.EqualError(t, err, "oauth: no database: open one with sqlite.Open or postgres.New")
	db, closeDB, err := open(t.Context(), "sqlite", testdb.SQLite(t))
	require.NoError(t, err)
	t.Cleanup(closeDB)
	tokens, err := oauth.New(db, good())
	require.NoError(t, err)
	for _, token := range []*oauth2.Token{nil, {AccessToken: "a"}} {
		require.EqualError(t, tokens.Save(t.Context(), account, token), "oauth: account 42: the token has no refresh token: ask the provider for offline access")
	}
}
