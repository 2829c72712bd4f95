package upload

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// remote is the server as a client asks it.
type remote struct {
	base  string
	token string
	http  *http.Client
}

// table is a table on the server, and what its requests cost. It is not safe for
// concurrent use.
type remoteTable struct {
	*remote
	name     string
	requests int
	bytes    int64
}

// StatusError is an answer of the server that is no success.
type StatusError struct {
	Status int
	Text   string // what the server says
	row    *int
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("the server answers %d: %s", e.Status, e.Text)
}

// ofContent reports whether the status says that what was sent is at fault.
func (e *StatusError) ofContent() bool {
	return e.Status == http.StatusBadRequest || e.Status == http.StatusRequestEntityTooLarge || e.Status == http.StatusUnprocessableEntity
}

func isStatus(err error, status int) bool {
	answer, ok := errors.AsType[*StatusError](err)
	return ok && answer.Status == status
}

// mostAnswer bounds what a client reads of an answer.
const mostAnswer = 64 << 20

// zips are writers of gzip, which are large. Those of questions look for no repetitions in
// hashes, which have none.
var zips, zipsOfQuestions = sync.Pool{New: func() any { return zipper(gzip.BestSpeed) }}, sync.Pool{New: func() any { return zipper(gzip.HuffmanOnly) }}

func zipper(level int) *gzip.Writer {
	zip, _ := gzip.NewWriterLevel(nil, level) // the levels exist
	return zip
}

// reconcilePath is where questions go.
const reconcilePath = "/reconcile"

// mostPlain is how long a question is that gzip would make longer.
const mostPlain = 150

// send makes a request and reads its answer. It returns the ETag, and not into where the
// answer is 304.
func (t *remoteTable) send(ctx context.Context, method, path string, body []byte, etag string, into any) (tag string, same bool, err error) {
	var sent bytes.Buffer
	zipped := path != reconcilePath || len(body) > mostPlain
	if body != nil && !zipped {
		_, _ = sent.Write(body)
	} else if body != nil {
		pool := &zips
		if path == reconcilePath {
			pool = &zipsOfQuestions
		}
		zip := pool.Get().(*gzip.Writer)
		zip.Reset(&sent)
		_, _ = zip.Write(body) // a buffer takes all
		_ = zip.Close()
		pool.Put(zip)
	}
	req, err := http.NewRequestWithContext(ctx, method, t.base+url.PathEscape(t.name)+path, &sent)
	if err != nil {
		return "", false, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
		if zipped {
			req.Header.Set("Content-Encoding", "gzip")
		}
	}
	req.Header.Set("Accept-Encoding", "gzip") // set, so that we see how long answers are
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	if t.token != "" {
		req.Header.Set("Authorization", "Bearer "+t.token)
	}
	t.requests++
	t.bytes += int64(sent.Len())
	answer, err := t.http.Do(req)
	if err != nil {
		return "", false, err
	}
	defer answer.Body.Close()
	counted := &counter{in: answer.Body}
	defer func() { t.bytes += counted.n }()
	var in io.Reader = counted
	if answer.Header.Get("Content-Encoding") == "gzip" {
		if in, err = gzip.NewReader(counted); err != nil {
			return "", false, fmt.Errorf("read the answer: %w", err)
		}
	}
	text, err := io.ReadAll(io.LimitReader(in, mostAnswer))
	switch {
	case err != nil:
		return "", false, fmt.Errorf("read the answer: %w", err)
	case answer.StatusCode == http.StatusNotModified:
		return etag, true, nil
	case answer.StatusCode/100 != 2:
		var p problem
		if json.Unmarshal(text, &p) != nil || p.Error == "" {
			p.Error = http.StatusText(answer.StatusCode)
		}
		return "", false, &StatusError{answer.StatusCode, p.Error, p.Row}
	}
	if err := json.Unmarshal(text, into); err != nil {
		return "", false, fmt.Errorf("read the answer: %w", err)
	}
	return answer.Header.Get("ETag"), false, nil
}

// counter counts what is read.
type counter struct {
	in io.Reader
	n  int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n += int64(n)
	return n, err
}

// stateOf is what a server has of a table.
type stateOf struct {
	sum     Sum
	version int64
	etag    string
}

func (t *remoteTable) summary(ctx context.Context, method, path string, body []byte, etag string) (s stateOf, same bool, err error) {
	var told summary
	if s.etag, same, err = t.send(ctx, method, path, body, etag, &told); err != nil || same {
		return s, same, err
	}
	s.version = told.Version
	s.sum, err = told.sum()
	return s, false, err
}

// register tells the shape of the table, and returns the salt.
func (t *remoteTable) register(ctx context.Context, s shape) (string, error) {
	body, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	var told registered
	_, _, err = t.send(ctx, http.MethodPut, "", body, "", &told)
	return told.Salt, err
}

// removeAbove deletes rows above a version.
func (t *remoteTable) removeAbove(ctx context.Context, version int64) (stateOf, error) {
	s, _, err := t.summary(ctx, http.MethodDelete, "?above="+strconv.FormatInt(version, 10), nil, "")
	return s, err
}

func (t *remoteTable) removeAll(ctx context.Context) (stateOf, error) {
	s, _, err := t.summary(ctx, http.MethodDelete, "?all", nil, "")
	return s, err
}

func (t *remoteTable) removeKeys(ctx context.Context, keys []string) (stateOf, error) {
	body := []byte(`{"keys":[`)
	for i, key := range keys {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, key...)
	}
	s, _, err := t.summary(ctx, http.MethodDelete, "", append(body, "]}"...), "")
	return s, err
}

var _ asked = (*remoteTable)(nil)

// ask asks what differs.
func (t *remoteTable) ask(ctx context.Context, q question) (answer, error) {
	var told answer
	body, err := json.Marshal(q)
	if err == nil {
		_, _, err = t.send(ctx, http.MethodPost, reconcilePath, body, "", &told)
	}
	return told, err
}
