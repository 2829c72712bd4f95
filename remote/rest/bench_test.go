package rest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/syncedgo/synced/remote"
)

// BenchmarkSplit is what reading a page costs apart from the network: 500 records
// of 1.5 KB.
func BenchmarkSplit(b *testing.B) {
	var body bytes.Buffer
	body.WriteString(`{"rentals":[`)
	for i := range 500 {
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"id":%d,"name":"Villa","rates":[1.5,2,3],"about":{"en":"%s"}}`, i, strings.Repeat("sea view ", 150))
	}
	body.WriteString(`],"meta":{"deleted_ids":[]}}`)
	e := envelopeOf(Config{}.withDefaults(), "rentals")
	b.SetBytes(int64(body.Len()))
	b.ReportAllocs()
	for b.Loop() {
		var page remote.Page
		if _, err := e.split(body.Bytes(), &page); err != nil {
			b.Fatal(err)
		}
	}
}
