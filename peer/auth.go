package peer

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
)

// ErrDenied is a request of nobody who is known here.
var ErrDenied = errors.New("unknown peer: give the credentials that it has here")

// Bearer authenticates peers by a token each ("Authorization: Bearer TOKEN"), by their names.
// Tokens are compared in constant time. A service that keeps them in its database, or has
// accounts already, writes such a function itself.
func Bearer(tokens map[string]string) func(*http.Request) (string, error) {
	known := hashed(tokens)
	return func(r *http.Request) (string, error) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") || token == "" {
			return "", ErrDenied
		}
		return known.find(token)
	}
}

// Basic authenticates peers by a name and a password each (RFC 7617). Passwords are compared
// in constant time.
func Basic(passwords map[string]string) func(*http.Request) (string, error) {
	known := hashed(passwords)
	return func(r *http.Request) (string, error) {
		user, password, ok := r.BasicAuth()
		if !ok || password == "" {
			return "", ErrDenied
		}
		sum, secret := sha256.Sum256([]byte(password)), known[user] // zero for nobody, which is no hash
		if subtle.ConstantTimeCompare(sum[:], secret[:]) != 1 {
			return "", ErrDenied
		}
		return user, nil
	}
}

// secrets are the names of peers by the hashes of their secrets, which have one length.
type secrets map[string][sha256.Size]byte

func hashed(plain map[string]string) secrets {
	s := secrets{}
	for name, secret := range plain {
		if secret != "" {
			s[name] = sha256.Sum256([]byte(secret))
		}
	}
	return s
}

// find looks at all of them, so that the time tells nothing.
func (s secrets) find(secret string) (found string, err error) {
	sum := sha256.Sum256([]byte(secret))
	err = ErrDenied
	for name, known := range s {
		if subtle.ConstantTimeCompare(sum[:], known[:]) == 1 {
			found, err = name, nil
		}
	}
	return found, err
}
