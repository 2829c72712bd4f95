package remotetest

// Account is the data that one token sees.
type Account struct {
	server      *Server
	token       string
	collections map[string]*Collection
}

// Token is the account's bearer token. Empty for a default account that needs
// none.
func (a *Account) Token() string { return a.token }

// Collection returns a collection, made empty when it is first asked for. Others
// answer 404. The name is the path: "rentals", "rentals/1/photos".
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
