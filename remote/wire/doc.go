// Package wire makes one careful HTTP request: with credentials that go to the
// API's own hosts only, within a rate limit, repeated where that may help, given up
// where a host keeps failing, in bounded memory, and with errors that show no
// credential. It knows nothing of lists and records: package rest reads those.
//
//	client, err := wire.NewClient(wire.Config{
//		BaseURL: "https://www.bookingsync.com/api/v3",
//		Auth:    wire.Bearer(token),
//	})
//
//	answer, err := client.Do(ctx, &wire.Request{
//		Method: http.MethodPost,
//		URL:    client.URL("bookings"),
//		Header: http.Header{"Content-Type": {"application/json"}},
//		Body:   booking,
//	})
//
// [Request] says which requests are repeated.
package wire
