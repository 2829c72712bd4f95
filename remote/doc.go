// Package remote reads the objects of an HTTP API, page by page, as the bytes
// that the API sent.
//
// [Client] is the HTTP client: one struct literal names the API, and its zero
// values are the API v3 of BookingSync.
//
//	api, err := rest.NewClient(rest.Config{
//		BaseURL: "https://www.bookingsync.com/api/v3",
//		Auth:    wire.Bearer(token),
//	})
//
//	for page, err := range api.Pages(ctx, remote.Request{Endpoint: "rentals"}) {
//		if err != nil {
//			return err
//		}
//		for _, rental := range page.Objects {
//			name, err := remote.Get[string](rental, "name")
//			…
//		}
//	}
//
// An [Object] is kept as received, so that unknown members and big numbers
// survive; [Get] decodes one value of it when it is asked for. Its bytes are a
// piece of its page's body: holding one object of a page holds them all.
//
// A service that has its own way to the data adapts it: [Seq] for an iterator of
// items, [PageFunc] for a function that lists a page, [Func] for all that a
// [Page] can say. It may use [CheckResponse] for the same errors.
//
// Everything that is not understood is an error. A list that ends without one is
// taken for whole, and what it does not name may be removed, so nothing is
// guessed: not a Link header, not a clock, not a missing list of records.
//
// Package remotetest is a remote to test against.
package remote
