package remotetest

import (
	"net/http"
	"strings"
)

// compress compresses an answer for a client that asks for it.
func (a *answer) compress(r *http.Request) {
	if len(a.body) == 0 || !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		return
	}
	a.body = packed(a.body)
	a.header.Set("Content-Encoding", "gzip")
}
