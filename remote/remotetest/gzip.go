package remotetest

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
)

// compress compresses an answer for a client that asks for it.
func (a *answer) compress(r *http.Request) {
	if len(a.body) == 0 || !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		return
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(a.body) // to memory
	_ = w.Close()
	a.body = b.Bytes()
	a.header.Set("Content-Encoding", "gzip")
}
