// Package spool keeps pages until they are all there: compressed, in memory
// first, then in a file.
package spool

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/klauspost/compress/s2"

	"github.com/syncedgo/synced/remote"
)

// Spool takes pages with Add, and gives them back with Pages. One goroutine
// uses it at a time. The zero value is empty; Close it.
//
// Its file loses its name as soon as it is open, so that a crash leaves none
// behind, where the system allows that.
type Spool struct {
	// Memory is how many compressed bytes are kept in memory before the rest goes
	// to a file. Defaults to 2 MiB.
	Memory int
	// Bound is how many compressed bytes the spool takes. Defaults to 16 GiB.
	Bound int64

	memory bytes.Buffer
	file   *os.File
	out    *bufio.Writer
	zip    *s2.Writer
	bytes  int64 // compressed, so far
	ended  bool  // nothing is added now
}

const (
	defaultMemory = 2 << 20
	defaultBound  = 16 << 30
	blockSize     = 256 << 10 // of the compression
)

// Add keeps a page: its number and its objects. It fails where the pages before
// it and their part of this one are more than Bound, and where the file can't be
// written.
func (s *Spool) Add(number int, objects []remote.Object) error {
	if s.zip == nil {
		s.begin()
	}
	head := binary.AppendUvarint(nil, uint64(number))
	head = binary.AppendUvarint(head, uint64(len(objects)))
	_, err := s.zip.Write(head)
	for _, o := range objects {
		if err == nil {
			_, err = s.zip.Write(binary.AppendUvarint(nil, uint64(len(o.Raw()))))
		}
		if err == nil {
			_, err = s.zip.Write(o.Raw())
		}
	}
	if err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	return nil
}

func (s *Spool) begin() {
	if s.Memory == 0 {
		s.Memory = defaultMemory
	}
	if s.Bound == 0 {
		s.Bound = defaultBound
	}
	// 17 times as fast to write as flate, and 20 times to read, which was most of
	// an atomic run that found nothing new.
	s.zip = s2.NewWriter(compressed{s}, s2.WriterConcurrency(1), s2.WriterBlockSize(blockSize))
}

// Pages yields the pages in the order in which they were added, with their
// numbers and objects and nothing else. Nothing is added afterwards.
func (s *Spool) Pages() iter.Seq2[*remote.Page, error] {
	return func(yield func(*remote.Page, error) bool) {
		in, err := s.reader()
		for err == nil {
			var page *remote.Page
			if page, err = readPage(in); err == nil && !yield(page, nil) {
				return
			}
		}
		if !errors.Is(err, io.EOF) {
			yield(nil, err)
		}
	}
}

// Close drops what the spool holds. It may be called twice.
func (s *Spool) Close() {
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name()) // where it kept its name
	}
}

// compressed takes a spool's compressed bytes.
type compressed struct{ *Spool }

func (s compressed) Write(b []byte) (int, error) {
	if s.bytes += int64(len(b)); s.bytes > s.Bound {
		return 0, fmt.Errorf("more than %s, compressed: commit page by page (synced.PerPage)", size(s.Bound))
	}
	if s.file == nil && s.memory.Len()+len(b) <= s.Memory {
		return s.memory.Write(b)
	}
	if s.file == nil {
		if err := s.open(); err != nil {
			return 0, err
		}
	}
	return s.out.Write(b)
}

func size(n int64) string {
	if n%(1<<30) == 0 {
		return fmt.Sprintf("%d GiB", n>>30)
	}
	return fmt.Sprintf("%d bytes", n)
}

func (s *Spool) open() error {
	file, err := os.CreateTemp("", "synced-spool-*")
	if err != nil {
		return err
	}
	_ = os.Remove(file.Name()) // some systems can't; Close tries again
	s.file, s.out = file, bufio.NewWriterSize(file, 1<<16)
	return nil
}

// end ends the writing, once.
func (s *Spool) end() error {
	if s.ended {
		return nil
	}
	err := s.zip.Close()
	if err == nil && s.file != nil {
		err = s.out.Flush()
	}
	s.ended = err == nil
	return err
}

// reader ends the writing and begins the reading.
func (s *Spool) reader() (*bufio.Reader, error) {
	if s.zip == nil {
		return nil, io.EOF // no page came
	}
	if err := s.end(); err != nil {
		return nil, err
	}
	var in io.Reader = bytes.NewReader(s.memory.Bytes())
	if s.file != nil {
		if _, err := s.file.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		in = io.MultiReader(in, s.file)
	}
	return bufio.NewReader(s2.NewReader(in, s2.ReaderMaxBlockSize(blockSize))), nil
}

// readPage reads one page. It returns io.EOF where there is none; a page that is
// cut short is another error.
func readPage(in *bufio.Reader) (*remote.Page, error) {
	n, err := binary.ReadUvarint(in)
	if err != nil {
		return nil, err
	}
	page := &remote.Page{Number: int(n)}
	count, err := binary.ReadUvarint(in)
	for range count {
		var o remote.Object
		if o, err = readObject(in); err != nil {
			break
		}
		page.Objects = append(page.Objects, o)
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return page, err
}

func readObject(in *bufio.Reader) (remote.Object, error) {
	size, err := binary.ReadUvarint(in)
	if err != nil {
		return remote.Object{}, err
	}
	raw := make([]byte, size)
	if _, err := io.ReadFull(in, raw); err != nil {
		return remote.Object{}, err
	}
	return remote.KeptObject(raw)
}
