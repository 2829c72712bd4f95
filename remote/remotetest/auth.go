package remotetest

import (
	"net/http"
	"strings"
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

// token returns the token of a request, empty for none.
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
