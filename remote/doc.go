// Package remote is the contract between synced and the API that it reads: an
// [API] lists [Page]s of [Object]s in answer to a [Request], and fails with the
// errors of this package.
//
// Package rest has the client for HTTP APIs that answer in JSON pages:
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
// A service that has its own way to the data adapts it: [Seq] for an iterator of
// items, [PageFunc] for a function that lists a page, [Func] for all that a
// [Page] can hold. Package wire makes single requests with the same care, and
// wire.CheckResponse the same errors of answers.
//
// An [Object] is kept as received, so that unknown members and big numbers
// survive; [Get] decodes one value of it when it is asked for. Its bytes are a
// piece of its page's body: holding one object of a page holds them all.
//
// A list that ends without an error is taken for whole, and what it does not name
// may be removed. So whatever is not understood must be an error.
//
// Package remotetest has a fake API to test against.
package remote
