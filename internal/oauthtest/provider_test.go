package oauthtest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	server "github.com/go-oauth2/oauth2/v4"
	"github.com/go-oauth2/oauth2/v4/generates"
	"github.com/go-oauth2/oauth2/v4/manage"
	"github.com/go-oauth2/oauth2/v4/models"
	handlers "github.com/go-oauth2/oauth2/v4/server"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
)

const (
	clientID     = "service-id"
	clientSecret = "service-secret/31415926"
)

// provider is an OAuth server whose refresh tokens are good for one use. The use
// of an old one revokes all tokens of its grant.
type provider struct {
	url      string
	manager  *manage.Manager
	tokens   *grants
	requests atomic.Int64
	// before is called before a token request is answered, and returns whether it
	// has answered itself.
	before atomic.Pointer[func(http.ResponseWriter, *http.Request) bool]
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{manager: manage.NewManager(), tokens: &grants{access: map[string]server.TokenInfo{}, refresh: map[string]server.TokenInfo{}, used: map[string]string{}}}
	p.manager.MapAccessGenerate(generates.NewAccessGenerate())
	p.manager.MapTokenStorage(p.tokens)
	p.manager.MapClientStorage(clients{})
	p.manager.SetPasswordTokenCfg(&manage.Config{AccessTokenExp: time.Hour, RefreshTokenExp: 24 * time.Hour, IsGenerateRefresh: true})
	p.manager.SetRefreshTokenCfg(&manage.RefreshingConfig{
		AccessTokenExp: time.Hour, RefreshTokenExp: 24 * time.Hour,
		IsGenerateRefresh: true, IsRemoveAccess: true, IsRemoveRefreshing: true, IsResetRefreshTime: true,
	})
	h := handlers.NewDefaultServer(p.manager)
	h.SetAllowedGrantType(server.Refreshing)
	h.SetClientInfoHandler(handlers.ClientBasicHandler)
	var one sync.Mutex // the library loads and removes in two steps
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		p.requests.Add(1)
		if before := p.before.Load(); before != nil && (*before)(w, r) {
			return
		}
		one.Lock()
		defer one.Unlock()
		_ = h.HandleTokenRequest(w, r)
	}))
	t.Cleanup(srv.Close)
	p.url = srv.URL + "/token"
	return p
}

// consent is a new grant, whose access token has expired.
func (p *provider) consent(t *testing.T, user string) *oauth2.Token {
	t.Helper()
	info, err := p.manager.GenerateAccessToken(t.Context(), server.PasswordCredentials,
		&server.TokenGenerateRequest{ClientID: clientID, ClientSecret: clientSecret, UserID: user})
	require.NoError(t, err)
	return &oauth2.Token{AccessToken: info.GetAccess(), RefreshToken: info.GetRefresh(), TokenType: "Bearer", Expiry: time.Now().Add(-time.Minute)}
}

// on calls a hook before each token request is answered.
func (p *provider) on(hook func(r *http.Request)) {
	f := func(_ http.ResponseWriter, r *http.Request) bool { hook(r); return false }
	p.before.Store(&f)
}

// answer answers each token request so.
func (p *provider) answer(status int, body func(r *http.Request) string) {
	f := func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body(r)))
		return true
	}
	p.before.Store(&f)
}

// grants keep tokens, and know the ones that were used.
type grants struct {
	mu              sync.Mutex
	access, refresh map[string]server.TokenInfo
	used            map[string]string // refresh token to user
	issued          []string
	onIssue         func(access string)
}

var _ server.TokenStore = (*grants)(nil)

func (g *grants) Create(_ context.Context, info server.TokenInfo) error {
	g.mu.Lock()
	kept := *info.(*models.Token)
	g.access[kept.Access], g.refresh[kept.Refresh] = &kept, &kept
	g.issued = append(g.issued, kept.Access, kept.Refresh)
	on := g.onIssue
	g.mu.Unlock()
	if on != nil {
		on(kept.Access)
	}
	return nil
}

func (g *grants) RemoveByRefresh(_ context.Context, refresh string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if info := g.refresh[refresh]; info != nil {
		g.used[refresh] = info.GetUserID()
		delete(g.refresh, refresh)
	}
	return nil
}

func (g *grants) GetByRefresh(_ context.Context, refresh string) (server.TokenInfo, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if user, ok := g.used[refresh]; ok {
		g.revoke(user) // reuse
	}
	return copied(g.refresh[refresh])
}

func (g *grants) revoke(user string) {
	for _, tokens := range []map[string]server.TokenInfo{g.access, g.refresh} {
		for token, info := range tokens {
			if info.GetUserID() == user {
				delete(tokens, token)
			}
		}
	}
}

// Revoke is what an owner does who takes back the consent.
func (g *grants) Revoke(user string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.revoke(user)
}

func copied(info server.TokenInfo) (server.TokenInfo, error) {
	if info == nil {
		return nil, nil
	}
	c := *info.(*models.Token)
	return &c, nil
}

func (g *grants) GetByAccess(_ context.Context, access string) (server.TokenInfo, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return copied(g.access[access])
}

func (g *grants) RemoveByAccess(_ context.Context, access string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.access, access)
	return nil
}

func (g *grants) GetByCode(context.Context, string) (server.TokenInfo, error) { return nil, nil }
func (g *grants) RemoveByCode(context.Context, string) error                  { return nil }

type clients struct{}

func (clients) GetByID(_ context.Context, id string) (server.ClientInfo, error) {
	if id != clientID {
		return nil, fmt.Errorf("no client %s", strconv.Quote(id))
	}
	return &models.Client{ID: clientID, Secret: clientSecret}, nil
}

// TestProvider makes sure that the provider is as strict as it is said to be.
func TestProvider(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	ctx := t.Context()
	use := func(refresh string) (*oauth2.Token, error) {
		return clientConfig(p.url).TokenSource(ctx, &oauth2.Token{RefreshToken: refresh}).Token()
	}
	first := p.consent(t, "owner")
	second, err := use(first.RefreshToken)
	require.NoError(t, err)
	third, err := use(second.RefreshToken)
	require.NoError(t, err)
	_, err = use(second.RefreshToken)
	require.ErrorContains(t, err, "invalid_grant", "used twice")
	_, err = use(third.RefreshToken)
	require.ErrorContains(t, err, "invalid_grant", "the grant is gone")
}
