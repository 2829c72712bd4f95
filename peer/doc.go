// Package peer exchanges changes between installations that hold the same models: a central
// service and its field installations that are often offline, or two services. It stands on
// package journal. One of two peers makes all requests, a [Client]; the other answers them, a
// [Handler]. A handler has any number of clients, and a client may be the handler of others, so
// that peers form a tree.
//
//	j, err := journal.Open(ctx, db, journal.Config{Tables: []journal.Table{{Name: "posts"}}})
//	…
//	p, err := peer.New(ctx, db, j, peer.Config{Models: []peer.Model{{Table: "posts"}}})
//	…
//	h, err := peer.NewHandler(p, peer.HandlerConfig{Authenticate: peer.Bearer(tokens)}) // on one side
//	mux.Handle("/peers/", h)
//	…
//	c, err := peer.NewClient(p, peer.ClientConfig{Wire: wire.Config{BaseURL: "https://example.com/peers", Auth: wire.Bearer(token)}})
//	…
//	result, err := c.Exchange(ctx) // on the other: push, then pull
//
// # What is promised
//
// Each change is stored before it is applied, and applied once, in the order in which it was
// made, whole transactions at a time. An exchange may be killed anywhere. A change that can't be
// applied stops the models of its transaction, and nothing else: see [Peer.Failures].
//
// Rows are named by the installation that made them and the key that they have there, so each
// database may give its own keys; foreign keys are translated.
//
// A change carries the version of the row that it was made on. Where the row has moved on, that
// is a [Conflict]: one of the two sides decides it by the model's [Policy], by default a person.
// Nothing is overwritten silently.
package peer
