package remotetest

import "time"

// Account is the data that one token sees.
type Account struct {
	server *Server

	// Guarded by the server's mu.
	token       string
	collections map[string]*Collection
	history     []happened // of all collections, where the API tells it
	revoked     bool
	until       time.Time // of the token, zero for ever
	counted     bool      // left counts the requests that the token is good for
	left        int
	window      window
}

func newAccount(s *Server, token string) *Account {
	return &Account{server: s, token: token, collections: map[string]*Collection{}}
}

// Token returns what requests for the account must have: a bearer token, or what
// [Auth] says. It is empty for a default account that needs none.
func (a *Account) Token() string {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	return a.token
}

// ExpireAfter answers the token with 401 after n more requests.
func (a *Account) ExpireAfter(n int) {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	a.counted, a.left = true, n
}

// ExpireAt answers the token with 401 from a time of the server's clock on.
func (a *Account) ExpireAt(at time.Time) {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	a.until = at
}

// Collection returns a collection, and makes an empty one on the first call.
// Requests for others are a 404. The name is the path: "rentals", "rentals/1/photos".
func (a *Account) Collection(name string) *Collection {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	c := a.collections[name]
	if c == nil {
		c = newCollection(a, name)
		a.collections[name] = c
	}
	return c
}

// admits counts a request, and reports whether the token is good for it. The caller
// holds mu.
func (a *Account) admits(at time.Time) bool {
	if a.revoked || !a.until.IsZero() && !at.Before(a.until) {
		return false
	}
	if a.counted {
		if a.left == 0 {
			return false
		}
		a.left--
	}
	return true
}
