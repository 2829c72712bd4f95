package remotetest

import (
	"fmt"
	"net/http"
	"time"
)

// tokenPath is where refresh tokens are traded in.
const tokenPath = "/oauth/token"

// grant is what a refresh token stands for.
type grant struct {
	account  *Account
	lifetime time.Duration
	used     bool
}

// grants are the grants of a server by their refresh tokens. The server's mu guards
// them.
type grants struct {
	accounts *accounts
	byToken  map[string]*grant
}

// TokenURL is where a POST with grant_type=refresh_token and a refresh_token gets
// the account a new bearer token and a new refresh token (RFC 6749).
func (s *Server) TokenURL() string { return s.http.URL + tokenPath }

// Grant makes a refresh token for the account. It is good once: using it again
// ends the grant, with all tokens that came of it. Bearer tokens live as long as
// lifetime says.
func (a *Account) Grant(lifetime time.Duration) (refreshToken string) {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	return a.server.grants.add(a, lifetime)
}

// add makes a refresh token.
func (g *grants) add(a *Account, lifetime time.Duration) string {
	token := fmt.Sprintf("refresh-%d", len(g.byToken)+1)
	g.byToken[token] = &grant{account: a, lifetime: lifetime}
	return token
}

// trade answers a request for a token, by its grant_type and refresh_token.
func (g *grants) trade(kind, refreshToken string, at time.Time) *answer {
	a := &answer{status: http.StatusBadRequest, header: http.Header{"Content-Type": {"application/json"}}}
	old := g.byToken[refreshToken]
	switch {
	case kind != "refresh_token":
		a.body = encode(map[string]any{"error": "unsupported_grant_type"})
	case old == nil || old.used:
		a.body = encode(map[string]any{"error": "invalid_grant"})
		if old != nil {
			old.account.revoked = true
			for _, other := range g.byToken {
				other.used = other.used || other.account == old.account
			}
		}
	default:
		old.used = true
		token := fmt.Sprintf("access-%d", len(g.byToken))
		g.accounts.rename(old.account, token)
		old.account.until = at.Add(old.lifetime)
		a.status = http.StatusOK
		a.body = encode(map[string]any{
			"access_token": token, "token_type": "bearer", "expires_in": int(old.lifetime.Seconds()),
			"refresh_token": g.add(old.account, old.lifetime),
		})
	}
	return a
}
