// Package oauth keeps OAuth 2 tokens of accounts in the database, encrypted, and
// refreshes them, also where a refresh token is good for one use and the use of an
// old one ends the grant:
//
//	tokens, err := oauth.New(db, oauth.Config{Key: key, Client: &oauth2.Config{…}})
//	err = tokens.Save(ctx, "account 42", token) // after the consent
//	api, err := rest.NewClient(rest.Config{BaseURL: …, Auth: tokens.Auth("account 42")})
//
// Of all processes on the database, one at a time refreshes an account's token: it
// takes a lock, reads the token again, asks the provider, saves what it got, and
// only then uses it. No transaction is open meanwhile. What the provider has given
// is lost if the process dies before it is saved, and with it the grant, where the
// provider no longer takes the old token: then the owner must consent again. Nothing
// can be done about that from this side; so the token is saved before anything
// else is done, a request that is under way outlives the caller's context by a few
// seconds, and a token that could not be saved is kept in memory and saved by the
// next call.
package oauth
