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

// TokenURL is where a POST with grant_type=refresh_token and a refresh_token gets
// the account a new bearer token and a new refresh token (RFC 6749).
func (s *Server) TokenURL() string { return s.http.URL + tokenPath }

// Grant makes a refresh token for the account. It is good once: using it again
// ends the grant, with all tokens that came of it. Bearer tokens live as long as
// lifetime says.
func (a *Account) Grant(lifetime time.Duration) (refreshToken string) {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	return a.server.grant(a, lifetime)
}

// grant is for callers that hold mu.
func (s *Server) grant(a *Account, lifetime time.Duration) string {
	token := fmt.Sprintf("refresh-%d", len(s.grants)+1)
	s.grants[token] = &grant{account: a, lifetime: lifetime}
	return token
}

// refresh answers a request for a token.
func (s *Server) refresh(r *http.Request, at time.Time) *answer {
	kind, given := r.PostFormValue("grant_type"), r.PostFormValue("refresh_token")
	s.mu.Lock()
	defer s.mu.Unlock()
	a := &answer{status: http.StatusBadRequest, header: http.Header{"Content-Type": {"application/json"}}}
	g := s.grants[given]
	switch {
	case kind != "refresh_token":
		a.body = encode(map[string]any{"error": "unsupported_grant_type"})
	case g == nil || g.used:
		a.body = encode(map[string]any{"error": "invalid_grant"})
		if g != nil {
			g.account.revoked = true
			for _, other := range s.grants {
				other.used = other.used || other.account == g.account
			}
		}
	default:
		g.used = true
		token := fmt.Sprintf("access-%d", len(s.grants))
		s.rename(g.account, token)
		g.account.until = at.Add(g.lifetime)
		a.status = http.StatusOK
		a.body = encode(map[string]any{
			"access_token": token, "token_type": "bearer", "expires_in": int(g.lifetime.Seconds()),
			"refresh_token": s.grant(g.account, g.lifetime),
		})
	}
	return a
}
