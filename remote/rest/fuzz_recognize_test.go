package rest

import (
	"bytes"
	"context"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/syncedgo/synced/remote/wire"
)

// answering answers each request with a body, and another one after the first.
type answering struct {
	label, link string
	first, then []byte
	asked       int
}

func (a *answering) RoundTrip(req *http.Request) (*http.Response, error) {
	body := a.first
	if a.asked++; a.asked > 1 {
		body = a.then
	}
	header := http.Header{"Content-Type": {a.label}}
	if a.link != "" {
		header.Set("Link", a.link)
	}
	return &http.Response{StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: req, ProtoMajor: 1, ProtoMinor: 1}, nil
}

var hosts atomic.Int64

// Whatever a remote answers, Recognize returns, asks a few times, and writes code that can be read.
func FuzzRecognize(f *testing.F) {
	f.Add("application/json", "", []byte(`{"items":[{"id":1,"a":{"b":[1]}}],"next":"/x?page=2","total":9}`), []byte(`{"items":[{"id":2}],"next":null,"total":9}`))
	f.Add("application/json", `<http://a.example/v1/items?page=2>; rel="next"`, []byte(`[{"id":1,"at":"2026-01-02"}]`), []byte(`[]`))
	f.Add("application/json", "", []byte(`{"data":{"list":{"edges":[{"node":{"id":"a"}}],"pageInfo":{"hasNextPage":true,"endCursor":"x"}}}}`), []byte(`{}`))
	f.Add("text/csv", "", []byte("id;a\n1;2\n"), []byte(""))
	f.Add("application/x-ndjson", "", []byte("{\"id\":1}\n{\"id\":2}\n"), []byte("{"))
	f.Add("application/json", "", []byte("{\"\\u0060\\n*/\":[{\"id\":1,\"\\\"`\":1}],\"has_more\":true,\"offset\":\"\\u202e\"}"), []byte("\x1f\x8b"))
	f.Fuzz(func(t *testing.T, label, link string, first, then []byte) {
		a := &answering{label: label, link: link, first: first, then: then}
		host := fmt.Sprintf("http://%d.example", hosts.Add(1)) // one that fails often is left alone
		found, err := recognizeBy(context.Background(), a, wire.Retry{Max: -1}, host+"/v1/items?limit=2", nil)
		if a.asked > mostAsked {
			t.Fatalf("%d requests", a.asked)
		}
		if err != nil {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), "p.go", found.Code("p"), parser.AllErrors)
		if err != nil {
			t.Fatalf("%v\n%s", err, found.Code("p"))
		}
		if len(file.Decls) != 3 {
			t.Fatalf("%d declarations\n%s", len(file.Decls), found.Code("p"))
		}
		_ = found.String()
	})
}
