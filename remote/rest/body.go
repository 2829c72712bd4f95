package rest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzip"

	"github.com/syncedgo/synced/remote"
)

// Body is how a list is written that is not one JSON value, but a stream of records:
// [NDJSON], [CSV] or [JSONArray].
//
// Such a list is one answer, compressed or not: a body that begins as a gzip file does is
// unpacked, whatever its headers say. It is read to its end, record by record, before its
// first page is yielded, and kept compressed meanwhile: in memory up to 2 MiB, then in a
// file without a name. So the connection does not wait for the database, a body that is cut
// short is asked for again, and no record of it is seen. Config.MaxBodyBytes bounds one
// record, and 1,024 times as many bytes the whole; Config.Timeout is the longest wait for
// a piece of it.
type Body interface {
	// accept is the header that asks for it.
	accept() string
	// refuses returns whether a body of this media type is another thing.
	refuses(label string) bool
	validate() error
	// records returns a function that reads the next record into memory that it may use
	// again, io.EOF after the last.
	records(s *source) (func() (remote.Object, error), error)
}

// validateBody returns what is wrong with Body, and with what has no meaning beside it.
func (c Config) validateBody() error {
	if c.Body == nil {
		return nil
	}
	switch {
	case len(c.PerValue.Values) > 0:
		return fmt.Errorf("body: %T comes whole: leave PerValue out", c.Body)
	case c.RecordsKey != "" || c.RecordPath != "":
		return fmt.Errorf("body: %T has no envelope: leave RecordsKey and RecordPath out", c.Body)
	case c.Export != nil:
	case c.Pagination != nil:
		return fmt.Errorf("body: %T is one answer: leave Pagination out", c.Body)
	case c.TotalPath != "" || c.SyncedAtPath != "":
		return fmt.Errorf("body: %T has no envelope: leave TotalPath and SyncedAtPath out", c.Body)
	case c.Incomplete.If != nil || c.Incomplete.Path != "" && c.Incomplete.Path != None:
		return fmt.Errorf("body: %T has no envelope: leave Incomplete out", c.Body)
	}
	return c.Body.validate()
}

// wholeBytes is how many times more bytes a stream may have than one record.
const wholeBytes = 1 << 10

// source is the text of a stream, with its bounds.
type source struct {
	*bufio.Reader
	from   io.Reader
	most   int64 // bytes of a record
	whole  int64 // bytes that may still come
	record int64 // bytes since the last record
	read   int64 // bytes so far
	framed bool  // the text can't end early without an error
	mend   bool  // texts that are not valid are mended
	crowd  int   // members that a large object may have
	omits  bool  // a text with nothing in it has no records
}

// newSource finds the text in a body.
func newSource(c *Config, body io.Reader, framed bool) (*source, error) {
	s := &source{framed: framed, mend: c.ReplaceInvalid, crowd: c.MaxRecords, most: c.MaxBodyBytes, omits: c.RecordsOmitted}
	setDefault(&s.most, 64<<20)
	s.whole = s.most * wholeBytes
	packed := bufio.NewReaderSize(body, 64<<10)
	s.from = packed
	if head, _ := packed.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		unpacked, err := gzip.NewReader(packed)
		if err != nil {
			return nil, fmt.Errorf("gzip: %w", cut(err))
		}
		s.from, s.framed = unpacked, true // by its checksum
	}
	s.Reader = bufio.NewReaderSize(bounded{s}, 64<<10)
	head, err := s.Peek(3)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, _ = s.Discard(3)
	case bytes.HasPrefix(head, []byte("PK\x03")):
		return nil, errors.New("the file is a ZIP archive, which is not read: ask the API for a plain or a gzip file")
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return nil, errors.New("the text is UTF-16: ask the API for UTF-8")
	case bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("<")):
		return nil, errors.New("the answer looks like HTML or XML")
	}
	return s, nil
}

// bounded reads the text of a source, and counts it.
type bounded struct{ *source }

func (b bounded) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	b.read += int64(n)
	b.record += int64(n)
	b.whole -= int64(n)
	switch {
	case b.whole < 0:
		return 0, fmt.Errorf("%w: more than %d bytes (%d times MaxBodyBytes)", remote.ErrTooLarge, b.most*wholeBytes, wholeBytes)
	case b.record > b.most+128<<10: // with what was read ahead
		return 0, fmt.Errorf("%w: a record of more than %d bytes (MaxBodyBytes)", remote.ErrTooLarge, b.most)
	}
	return n, cut(err)
}

// cut names a gzip file that ends early, or that is not what was packed, as a body that
// is cut short: it is asked for again.
func cut(err error) error {
	switch {
	case errors.Is(err, gzip.ErrChecksum):
		return fmt.Errorf("%w: the checksum of the gzip file does not fit", io.ErrUnexpectedEOF)
	case err == io.EOF:
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return io.ErrUnexpectedEOF
	}
	return err
}

// checkLabel refuses a body that is another thing by its label.
func checkLabel(b Body, h http.Header) error {
	label, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	if label == "text/html" || strings.HasSuffix(label, "/xml") || b.refuses(label) {
		return fmt.Errorf("the answer is %s: leave rest.Config.Body out where it is JSON, or ask for what Body declares", label)
	}
	return nil
}

// unreadable describes what is wrong with a stream.
func (s *source) unreadable(err error, number int) *remote.FormatError {
	if e, ok := errors.AsType[*remote.FormatError](err); ok {
		return e
	}
	reason := err.Error()
	if errors.Is(err, io.ErrUnexpectedEOF) {
		reason = cutShort
		if err != io.ErrUnexpectedEOF {
			reason += ": " + err.Error()
		}
	}
	return &remote.FormatError{Reason: short(fmt.Sprintf("record %d: %s", number, reason)), Offset: s.read, Err: err}
}
