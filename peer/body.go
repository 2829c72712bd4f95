package peer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/klauspost/compress/gzip"
)

// defaultMaxBody bounds a message in memory, after decompression.
const defaultMaxBody = 32 << 20

// errTooLarge is a message that is larger than that.
var errTooLarge = errors.New("the message is too large")

// readBody reads the body of a request, packed with gzip or plain, of at most that many bytes.
func readBody(r *http.Request, most int64) ([]byte, error) {
	var from io.Reader = io.LimitReader(r.Body, most+1)
	switch packed := r.Header.Get("Content-Encoding"); packed {
	case "", "identity":
	case "gzip":
		unpacked, err := gzip.NewReader(from)
		if err != nil {
			return nil, fmt.Errorf("unpack the message: %w", err)
		}
		defer unpacked.Close()
		from = io.LimitReader(unpacked, most+1)
	default:
		return nil, fmt.Errorf("unpack the message: %.20q is not known: use gzip", packed)
	}
	body, err := io.ReadAll(from)
	if err == nil && int64(len(body)) > most {
		err = fmt.Errorf("%w: more than %d bytes", errTooLarge, most)
	}
	if err != nil {
		return nil, fmt.Errorf("read the message: %w", err)
	}
	return body, nil
}

// worthPacking is how long a message is that is sent packed.
const worthPacking = 1 << 12

// pack compresses a message where that is worth it.
func pack(body []byte) (packed []byte, encoding string) {
	if len(body) < worthPacking {
		return body, ""
	}
	var buffer bytes.Buffer
	w, _ := gzip.NewWriterLevel(&buffer, gzip.BestSpeed) // the level is known
	_, err := w.Write(body)
	if err = errors.Join(err, w.Close()); err != nil {
		return body, "" // it goes as it is
	}
	return buffer.Bytes(), "gzip"
}
