package wire

import (
	"io"
	"net/http"
)

// counting returns a client that counts what it asks in the answer, each redirect as a
// request of its own.
func (a *Answer) counting(from *http.Client) *http.Client {
	client := *from
	client.Transport = counted{from.Transport, a}
	return &client
}

type counted struct {
	from   http.RoundTripper
	answer *Answer
}

func (c counted) RoundTrip(req *http.Request) (*http.Response, error) {
	next := c.from
	if next == nil {
		next = http.DefaultTransport
	}
	c.answer.Requests++
	resp, err := next.RoundTrip(req)
	if err == nil {
		resp.Body = &counter{resp.Body, &c.answer.Bytes}
	}
	return resp, err
}

// counter counts the bytes that are read from a body.
type counter struct {
	io.ReadCloser
	n *int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	*c.n += int64(n)
	return n, err
}
