package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"golang.org/x/oauth2"

	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
	"github.com/syncedgo/synced/store"
)

// grace is how long what must not be cut off outlives the caller's context.
const grace = 5 * time.Second

var errRefused = fmt.Errorf("the provider has refused the refresh token: %w, then Save the token", remote.ErrConsentNeeded)

// refresh gets a token for the stored one, unless another process has by now.
func (a *Auth) refresh(ctx context.Context, stored row, dead string) error {
	if stored.refused {
		return errRefused
	}
	// Another holder has its request, and some writes.
	wait := a.tokens.config.Timeout + 2*grace
	lock, err := a.tokens.db.Lock(ctx, ledger.TokenLock(a.name), wait)
	if errors.Is(err, store.ErrLocked) {
		return fmt.Errorf("another process has been refreshing the token for %v: %w", wait, err)
	} else if err != nil {
		return err
	}
	// It is given back with an error, too: by the database, a little later.
	defer func() { _ = lock.Release(context.WithoutCancel(ctx)) }()
	stored, err = a.readLocked(ctx, lock)
	switch {
	case err != nil:
		return err
	case a.take(stored, dead):
		return nil
	case stored.refused:
		return errRefused
	}
	token, err := a.ask(ctx, stored.token)
	switch {
	case errors.Is(err, remote.ErrConsentNeeded):
		return a.refused(ctx, stored, dead, err)
	case err != nil:
		return err
	}
	a.unsaved = &unsaved{stored.sealed, token}
	return a.save(ctx)
}

// ask uses the refresh token. An answer that is lost would lose the
// grant, so the request continues for a while after the caller has gone.
func (a *Auth) ask(ctx context.Context, old *oauth2.Token) (*oauth2.Token, error) {
	c := a.tokens.config
	limit := fmt.Errorf("no whole answer of the provider within %v: %w", c.Timeout, context.DeadlineExceeded)
	kept, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), c.Timeout, limit)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	defer stop()
	request := context.WithValue(kept, oauth2.HTTPClient, c.HTTP)
	token, err := c.Client.TokenSource(request, &oauth2.Token{RefreshToken: old.RefreshToken}).Token()
	switch {
	case err == nil:
		return token, nil
	case ctx.Err() != nil && kept.Err() != nil:
		return nil, ctx.Err()
	case kept.Err() != nil:
		return nil, context.Cause(kept)
	}
	basic := url.QueryEscape(c.Client.ClientID) + ":" + url.QueryEscape(c.Client.ClientSecret)
	return nil, wire.TokenError(err, c.Client.ClientSecret, basic, old.RefreshToken, old.AccessToken)
}

// save stores what was got, and then takes it. Whoever has saved another token or
// forgotten the account meanwhile is right.
func (a *Auth) save(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	done, err := a.replace(ctx, a.unsaved.old, a.unsaved.token)
	if err != nil {
		return fmt.Errorf("save the refreshed token, which this process keeps for the next call: %w", err)
	}
	token := a.unsaved.token
	a.unsaved = nil
	if !done {
		return a.reread(ctx, "")
	}
	a.token = token
	return nil
}

// refused remembers that the provider takes a refresh token no more, unless
// another token was saved meanwhile.
func (a *Auth) refused(ctx context.Context, stored row, dead string, refusal error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	done, err := a.refuse(ctx, stored.sealed)
	switch {
	case err != nil:
		return fmt.Errorf("%w (and to remember it: %w)", refusal, err)
	case !done:
		return a.reread(ctx, dead)
	}
	return fmt.Errorf("%w: then Save the token", refusal)
}

// reread takes what another has stored.
func (a *Auth) reread(ctx context.Context, dead string) error {
	a.token = nil
	stored, err := a.read(ctx, a.tokens.db)
	switch {
	case err != nil:
		return err
	case a.take(stored, dead):
		return nil
	case stored.refused:
		return errRefused
	}
	return errors.New("another token was saved while this one was refreshed, and has expired: try again")
}
