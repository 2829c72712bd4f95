// Package live keeps peers connected, so that each change reaches the other side at once. It
// carries the messages of package peer, whose [peer.Peer] stores, applies and decides as it does
// for a [peer.Client]; the two may be mixed.
//
// One side answers, over WebSocket or any [net.Conn]:
//
//	n, err := live.New(p, live.Config{Authenticate: peer.Bearer(tokens)})
//	…
//	mux.Handle("/peers/live", n)
//
// The other connects, and connects again whenever the connection is lost:
//
//	n, err := live.New(p, live.Config{})
//	…
//	err = n.Connect(ctx, live.Target{URL: "wss://example.com/peers/live", Authorization: "Bearer " + token})
//
// Changes go both ways whoever connects. A node of one side may do both, with any number of
// peers.
//
// # What is promised
//
// Changes are stored before they are acknowledged, and a connection that is lost anywhere is
// resumed from the last position that is stored. At most two batches are unacknowledged in each
// direction: a side that does not keep up is waited for, and nothing is kept in memory for it
// but the batch that is being written. A connection on which nothing is heard is asked for a
// sign of life, and closed without one.
package live
