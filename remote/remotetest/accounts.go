package remotetest

import (
	"fmt"
	"time"
)

// accounts are the accounts of a server, by their tokens. The server's mu guards
// them.
type accounts struct {
	main    *Account // the default account
	byToken map[string]*Account
	open    bool // main needs no token
}

// newAccounts returns the default account of a server alone.
func newAccounts(s *Server, token string) accounts {
	a := accounts{main: newAccount(s, token), byToken: map[string]*Account{}, open: token == ""}
	if !a.open {
		a.byToken[token] = a.main
	}
	return a
}

// of returns the account of a token, made when it is first asked for.
func (a *accounts) of(token string) *Account {
	if token == a.main.token {
		return a.main
	}
	account := a.byToken[token]
	if account == nil {
		account = newAccount(a.main.server, token)
		a.byToken[token] = account
	}
	return account
}

// admit returns the account whose data a request with a token sees, nil for a bad
// token.
func (a *accounts) admit(token string, at time.Time) *Account {
	account := a.byToken[token]
	if account == nil && a.open && (token == "" || len(a.byToken) == 0) {
		account = a.main
	}
	if account == nil || !account.admits(at) {
		return nil
	}
	return account
}

// known returns the account of a token, good or not.
func (a *accounts) known(token string) *Account {
	if token == a.main.token {
		return a.main
	}
	account := a.byToken[token]
	if account == nil {
		panic(fmt.Sprintf("remotetest: no account has the token %q", token))
	}
	return account
}

// rename gives an account another, good token.
func (a *accounts) rename(account *Account, to string) {
	if other := a.byToken[to]; other != nil && other != account {
		panic(fmt.Sprintf("remotetest: token %q is another account's", to))
	}
	delete(a.byToken, account.token)
	a.byToken[to] = account
	account.token, account.revoked, account.until, account.counted = to, false, time.Time{}, false
}
