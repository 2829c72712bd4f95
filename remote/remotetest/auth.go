package remotetest

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Auth is where a request has the token of its account. The zero value is a
// bearer token.
type Auth struct {
	// Basic takes a user name and a password; the token is "user:password".
	Basic bool
	// Header is the header that is the token: "X-Api-Key".
	Header string
	// Query is the parameter that is the token: "api_key". Links leave it out.
	Query string
}

// token is what a request has, empty for none.
func (a Auth) token(r *http.Request) string {
	switch {
	case a.Basic:
		user, password, ok := r.BasicAuth()
		if !ok {
			return ""
		}
		return user + ":" + password
	case a.Header != "":
		return r.Header.Get(a.Header)
	case a.Query != "":
		return r.URL.Query().Get(a.Query)
	}
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return token
	}
	return ""
}

// account is whose data a token sees, nil for nobody's. The caller holds mu.
func (s *Server) account(token string, at time.Time) *Account {
	a := s.accounts[token]
	if a == nil && s.config.Token == "" && (token == "" || len(s.accounts) == 0) {
		a = s.main
	}
	if a == nil || a.revoked || !a.until.IsZero() && !at.Before(a.until) {
		return nil
	}
	if a.counted {
		if a.left == 0 {
			return nil
		}
		a.left--
	}
	return a
}

// Revoke answers a token with 401 from now on. [Server.Rename] gives its account
// another one.
func (s *Server) Revoke(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known(token).revoked = true
}

// Rename gives the account of a token another, good one; the old is unknown.
func (s *Server) Rename(token, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rename(s.known(token), to)
}

// rename is for callers that hold mu.
func (s *Server) rename(a *Account, to string) {
	if other := s.accounts[to]; other != nil && other != a {
		panic(fmt.Sprintf("remotetest: token %q is another account's", to))
	}
	delete(s.accounts, a.token)
	s.accounts[to] = a
	a.token, a.revoked, a.until, a.counted = to, false, time.Time{}, false
}

// known is for callers that hold mu.
func (s *Server) known(token string) *Account {
	if token == s.main.token {
		return s.main
	}
	a := s.accounts[token]
	if a == nil {
		panic(fmt.Sprintf("remotetest: no account has the token %q", token))
	}
	return a
}
