package oauth

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"github.com/syncedgo/synced/remote/wire"
)

// Auth puts an account's token on requests, and refreshes it when it is about to
// expire or was answered with a 401. Its errors begin with the account's name; it
// is [remote.ErrConsentNeeded] where there is no token, or the provider takes it no
// more, which is remembered until Save. It is safe for concurrent use.
type Auth struct {
	tokens *Tokens
	name   string

	turn chan struct{} // held by who uses what follows
	// token is the one at hand, nil before it was read.
	token *oauth2.Token
	// unsaved is one that could not be saved.
	unsaved *unsaved
}

// unsaved is a token that was got for what is stored.
type unsaved struct {
	old   []byte
	token *oauth2.Token
}

var (
	_ wire.Renewer       = (*Auth)(nil)
	_ oauth2.TokenSource = (*Auth)(nil)
)

// Authorize sends the token. It waits for a refresh that is under way, here or in
// another process, no longer than the request's context.
func (a *Auth) Authorize(req *http.Request) error {
	token, err := a.get(req.Context(), "")
	if err != nil {
		return err
	}
	token.SetAuthHeader(req)
	return nil
}

// Renew gets another token than the one that was refused, unless there is one already.
func (a *Auth) Renew(refused *http.Request) error {
	_, err := a.get(refused.Context(), refused.Header.Get("Authorization"))
	return err
}

// Token returns the token, for other clients, without the refresh token: only
// Auth uses that.
func (a *Auth) Token() (*oauth2.Token, error) {
	token, err := a.get(context.Background(), "")
	if err != nil {
		return nil, err
	}
	other := *token
	other.RefreshToken = ""
	return &other, nil
}

// get finds a token that is good, and not the dead one, whose header is given.
func (a *Auth) get(ctx context.Context, dead string) (*oauth2.Token, error) {
	if err := a.enter(ctx); err != nil {
		return nil, a.fail(err)
	}
	defer a.leave()
	if a.unsaved != nil {
		if err := a.save(ctx); err != nil {
			return nil, a.fail(err)
		}
	}
	if a.good(a.token, dead) {
		return a.token, nil
	}
	stored, err := a.read(ctx, a.tokens.db)
	if err == nil && !a.take(stored, dead) {
		err = a.refresh(ctx, stored, dead)
	}
	if err != nil {
		return nil, a.fail(err)
	}
	return a.token, nil
}

// take takes what is stored where it is good.
func (a *Auth) take(stored row, dead string) bool {
	if !a.good(stored.token, dead) {
		return false
	}
	a.token = stored.token
	return true
}

// good says whether a token can be used for a while.
func (a *Auth) good(token *oauth2.Token, dead string) bool {
	if token == nil || token.AccessToken == "" || token.Type()+" "+token.AccessToken == dead {
		return false
	}
	leeway := a.tokens.config.Leeway
	if token.ExpiresIn > 0 {
		leeway = min(leeway, time.Duration(token.ExpiresIn)*time.Second/2)
	}
	// Round leaves the wall clock, which goes on while a machine sleeps.
	return token.Expiry.IsZero() || time.Now().Round(0).Add(leeway).Before(token.Expiry.Round(0))
}

// enter waits for the others of this process.
func (a *Auth) enter(ctx context.Context) error {
	select {
	case a.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *Auth) leave() { <-a.turn }

// fail names the account.
func (a *Auth) fail(err error) error { return fmt.Errorf("oauth: %s: %w", a.name, err) }

// String and GoString keep the token out of a printed Config.
func (a *Auth) String() string   { return fmt.Sprintf("oauth.Auth %s [redacted]", a.name) }
func (a *Auth) GoString() string { return a.String() }
