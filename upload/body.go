package upload

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/klauspost/compress/gzip"
)

var errTooLarge = errors.New("the request is too large: send fewer rows")

// body reads the body of a request, which may be compressed, up to MaxBytes.
func (h *Handler) body(w http.ResponseWriter, r *http.Request, read func(dec *jsontext.Decoder) error) error {
	var in io.Reader = http.MaxBytesReader(w, r.Body, h.options.MaxBytes)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(in)
		if err != nil {
			return fmt.Errorf("%w: gzip: %w", errRequest, err)
		}
		defer unzipped.Close()
		in = unzipped
	}
	limited := &limit{in, h.options.MaxBytes}
	err := read(jsontext.NewDecoder(limited))
	var size *http.MaxBytesError
	var row *refusedRow
	switch {
	case err == nil, errors.As(err, &size), errors.As(err, &row), errors.Is(err, errTooLarge), errors.Is(err, errRequest), errors.Is(err, errShape):
		return err
	case limited.left < 0:
		return errTooLarge
	default:
		return fmt.Errorf("%w: %w", errRequest, err)
	}
}

// limit ends a body that grows too large when it is decompressed.
type limit struct {
	in   io.Reader
	left int64
}

func (l *limit) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, errTooLarge
	}
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.in.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

func decode(dec *jsontext.Decoder, into any) error { return jsonv2.UnmarshalDecode(dec, into) }

// reply answers with JSON, compressed where the client takes that.
func reply(w http.ResponseWriter, r *http.Request, what any) {
	text, err := json.Marshal(what)
	if err != nil {
		refuse(w, http.StatusInternalServerError, problem{Error: "the answer can't be written"})
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if len(text) < 1000 || !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		_, _ = w.Write(text)
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	level := gzip.DefaultCompression
	if _, random := what.(answer); random {
		// Sums as base64 have no repetitions: looking for some makes them longer.
		level = gzip.HuffmanOnly
	}
	zip, _ := gzip.NewWriterLevel(w, level) // the levels exist
	_, _ = zip.Write(text)
	_ = zip.Close() // the client is gone
}

// tell answers with a summary, or 304 where the client has it.
func tell(w http.ResponseWriter, r *http.Request, s summary) {
	w.Header().Set("ETag", s.etag())
	w.Header().Set("Cache-Control", "no-cache, private")
	if r.Method == http.MethodGet && r.Header.Get("If-None-Match") == s.etag() {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	reply(w, r, s)
}

func refuse(w http.ResponseWriter, status int, p problem) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(p)
}
