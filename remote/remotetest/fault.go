package remotetest

import (
	"net"
	"net/http"
	"strconv"
	"time"
)

// Fault is a fault of an answer. The fields may be combined:
// a Status with a Header, a Body with a Truncate.
type Fault struct {
	// Collection, Page and Token say which requests it hits. Zero values hit all.
	Collection string
	Page       int
	Token      string
	// Times is how often it hits. Defaults to once; negative is every time.
	Times int
	// For replaces Times: how long the fault hits, by the server's clock, from the
	// first time on.
	For time.Duration

	// Delay waits before answering, in real time. There is no answer if the client
	// leaves or the server closes meanwhile.
	Delay time.Duration
	// Reset breaks the connection instead of answering. Go's client asks again by
	// itself where the connection had been used before, so that only a break of a
	// new one counts for Times.
	Reset bool
	// ResetAfter breaks the connection after this many bytes of the body, or at its
	// end.
	ResetAfter int
	// Status replaces the status. Without a Body, that of an error is a JSON one.
	Status int
	// Body replaces the body: not JSON, another envelope.
	Body string
	// Header replaces headers; one without values is left out. So a wrong total is
	// {"X-Total-Count": {"7"}}, and no links are {"Link": nil}.
	Header http.Header
	// RetryAfter sends a Retry-After header in seconds.
	RetryAfter time.Duration
	// Truncate ends the body after this many bytes, although its length was
	// announced. Negative counts from its end.
	Truncate int
}

// apply changes an answer.
func (f *Fault) apply(a *answer) {
	if f.Status != 0 {
		a.status = f.Status
		if f.Status >= 400 {
			a.body = problem(f.Status, "fault", http.StatusText(f.Status)).body
		}
	}
	if f.Body != "" {
		a.body = []byte(f.Body)
	}
	if f.RetryAfter > 0 {
		a.header.Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
	}
	for name, values := range f.Header {
		a.header[http.CanonicalHeaderKey(name)] = values
	}
}

// wait waits for the Delay, and reports whether there is still an answer to give.
func (f *Fault) wait(r *http.Request, closing <-chan struct{}) bool {
	if f.Delay <= 0 {
		return true
	}
	timer := time.NewTimer(f.Delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	case <-closing:
		return false
	}
}

// write sends an answer, or as much of it as the fault lets through.
func (f *Fault) write(w http.ResponseWriter, a *answer) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if f.ResetAfter > 0 {
		_, _ = w.Write(a.body[:min(f.ResetAfter, len(a.body))])
		_ = http.NewResponseController(w).Flush()
		reset(w)
		return
	}
	if f.Truncate == 0 {
		// An error means that the client is gone.
		_, _ = w.Write(a.body)
		return
	}
	end := f.Truncate
	if end < 0 {
		end += len(a.body)
	}
	_, _ = w.Write(a.body[:max(0, min(end, len(a.body)))])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler) // closes the connection early
}

// reset closes a connection so that the client sees "connection reset by peer".
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close() // it is broken anyway
}
