package wire_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/syncedgo/synced/remote/wire"
)

// A POST that the remote knows again by its key may be repeated.
func ExampleClient_Do() {
	first := true
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if first {
			first = false
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s with %s", r.Method, r.URL.Path, body)
	}))
	defer srv.Close()

	client, err := wire.NewClient(wire.Config{BaseURL: srv.URL, Auth: wire.Bearer("secret")})
	if err != nil {
		fmt.Println(err)
		return
	}
	answer, err := client.Do(context.Background(), &wire.Request{
		Method:     http.MethodPost,
		URL:        client.URL("bookings"),
		Header:     http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {"booking-7"}},
		Body:       []byte(`{"id":7}`),
		Repeatable: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s, after %d requests\n", answer.Body, answer.Requests)
	// Output:
	// POST /bookings with {"id":7}, after 2 requests
}
