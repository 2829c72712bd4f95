package rest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/syncedgo/synced/internal/recycle"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/remote/wire"
)

// rentalsBody is a page of 500 records of 1.5 KB.
func rentalsBody() []byte {
	var body bytes.Buffer
	body.WriteString(`{"rentals":[`)
	for i := range 500 {
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"id":%d,"name":"Villa","rates":[1.5,2,3],"about":{"en":"%s"}}`, i, strings.Repeat("sea view ", 150))
	}
	body.WriteString(`],"meta":{"deleted_ids":[]}}`)
	return body.Bytes()
}

// BenchmarkSplit is what reading a page costs apart from the network.
func BenchmarkSplit(b *testing.B) {
	body := rentalsBody()
	config := Config{}.withDefaults()
	e := envelopeOf(&config, "rentals")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		var page remote.Page
		if _, err := e.split(body, &page); err != nil {
			b.Fatal(err)
		}
	}
}

// memoryTransport answers each request with the same body.
type memoryTransport []byte

func (m memoryTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Request: req,
		Body: io.NopCloser(bytes.NewReader(m)), ContentLength: int64(len(m)),
	}, nil
}

// BenchmarkPages is what the client costs for one page: the request with all its
// care, the split, and the memory, which is given back.
func BenchmarkPages(b *testing.B) {
	body := rentalsBody()
	client, err := NewClient(Config{
		BaseURL: "https://api.example", HTTP: &http.Client{Transport: memoryTransport(body)}, Auth: wire.Bearer("secret"),
	})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		for page, err := range client.Pages(b.Context(), remote.Request{Endpoint: "rentals"}) {
			if err != nil {
				b.Fatal(err)
			}
			recycle.Page(client, page)
		}
	}
}
