package oauth

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/store"
)

// Tokens are the tokens of accounts, by a name of the service's choice. It is safe
// for concurrent use. Names are stored as they are, and errors show them.
type Tokens struct {
	db     backend.Store
	config *Config
	seals  sealer

	mu       sync.Mutex
	accounts map[string]*Auth
}

// New checks the config. The database must keep a token once it is saved, so it is a
// pool or a file, not a transaction. It must be migrated.
func New(db store.Store, config Config) (*Tokens, error) {
	seals, err := newSealer(config.Key, config.OldKeys)
	if err == nil {
		err = config.validate()
	}
	var b backend.Store
	if err == nil {
		b, err = backend.Of(db)
	}
	if err != nil {
		return nil, fmt.Errorf("oauth: %w", err)
	}
	config = config.withDefaults()
	return &Tokens{db: b, config: &config, seals: seals, accounts: map[string]*Auth{}}, nil
}

// Auth sends the token of an account. It also keeps the token in memory: after
// Save and Forget, other processes use theirs until it expires or is refused.
func (t *Tokens) Auth(name string) *Auth {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.accounts[name]
	if a == nil {
		a = &Auth{tokens: t, name: name, turn: make(chan struct{}, 1)}
		t.accounts[name] = a
	}
	return a
}

// Save stores the token that an account's owner has consented to, in place of the
// one before. It must have a refresh token. Some providers give one the first
// time only: ask them for consent again.
func (t *Tokens) Save(ctx context.Context, name string, token *oauth2.Token) error {
	a := t.Auth(name)
	if token == nil || token.RefreshToken == "" {
		return a.fail(errors.New("the token has no refresh token: ask the provider for offline access"))
	}
	if err := a.enter(ctx); err != nil {
		return a.fail(err)
	}
	defer a.leave()
	if err := a.put(ctx, token); err != nil {
		return a.fail(fmt.Errorf("save the token: %w", err))
	}
	a.token, a.unsaved = nil, nil
	return nil
}

// Forget deletes an account's token. It does not tell the provider.
func (t *Tokens) Forget(ctx context.Context, name string) error {
	a := t.Auth(name)
	if err := a.enter(ctx); err != nil {
		return a.fail(err)
	}
	defer a.leave()
	if err := a.delete(ctx); err != nil {
		return a.fail(fmt.Errorf("forget the token: %w", err))
	}
	a.token, a.unsaved = nil, nil
	return nil
}

// Kept is what is known of an account's token without the token.
type Kept struct {
	Name string
	// Updated is when the token was saved or refreshed last, by the clock of the process
	// that did.
	Updated time.Time
	// Refused is when the provider no longer took it: the owner must consent again. Zero
	// where it does.
	Refused time.Time
}

// List returns what is kept, by name. It opens no token.
func (t *Tokens) List(ctx context.Context) ([]Kept, error) {
	notes, err := ledger.TokenNotes(ctx, t.db)
	if err != nil {
		return nil, fmt.Errorf("oauth: list the tokens: %w", err)
	}
	list := make([]Kept, len(notes))
	for i, n := range notes {
		list[i] = Kept{Name: n.Account, Updated: n.Updated, Refused: n.Refused}
	}
	return list, nil
}

// String and GoString show nothing of it.
func (t *Tokens) String() string   { return "oauth.Tokens [redacted]" }
func (t *Tokens) GoString() string { return t.String() }
