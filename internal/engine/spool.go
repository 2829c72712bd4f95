package engine

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

// spoolMemory is how many bytes of compressed pages are held in memory; past it
// they go to a file.
const spoolMemory = 2 << 20

// spoolBound is how many bytes of compressed pages a spool takes.
const spoolBound = 16 << 30

// spool keeps the pages of an atomic run until all have arrived, compressed:
// in memory first, then in a temporary file that has no name any more once it is
// open, so that a crash leaves none behind (where the system allows that).
type spool struct {
	memory bytes.Buffer
	file   *os.File
	out    *bufio.Writer
	zip    *s2.Writer
	bytes  int64 // compressed, so far
}

// Write takes compressed bytes.
func (s *spool) Write(b []byte) (int, error) {
	if s.bytes += int64(len(b)); s.bytes > spoolBound {
		return 0, fmt.Errorf("more than %d GiB, compressed: commit page by page (synced.PerPage)", spoolBound>>30)
	}
	if s.file == nil && s.memory.Len()+len(b) <= spoolMemory {
		return s.memory.Write(b)
	}
	if s.file == nil {
		if err := s.open(); err != nil {
			return 0, err
		}
	}
	return s.out.Write(b)
}

func (s *spool) open() error {
	file, err := os.CreateTemp("", "synced-spool-*")
	if err != nil {
		return err
	}
	_ = os.Remove(file.Name()) // some systems can't; close tries again
	s.file, s.out = file, bufio.NewWriterSize(file, 1<<16)
	return nil
}

// add keeps a page: its number, and its objects, each after its length.
func (s *spool) add(p *page) error {
	if s.zip == nil {
		// 17 times as fast to write as flate, and 20 times to read, which was most of
		// an atomic run that found nothing new.
		s.zip = s2.NewWriter(s, s2.WriterConcurrency(1), s2.WriterBlockSize(256<<10))
	}
	head := binary.AppendUvarint(nil, uint64(p.number))
	head = binary.AppendUvarint(head, uint64(len(p.objects)))
	_, err := s.zip.Write(head)
	for _, o := range p.objects {
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

// pages reads the pages back, once.
func (s *spool) pages() iter.Seq2[*remote.Page, error] {
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

// reader ends the writing, and begins the reading.
func (s *spool) reader() (*bufio.Reader, error) {
	if s.zip == nil {
		return nil, io.EOF // no page came
	}
	if err := s.zip.Close(); err != nil {
		return nil, err
	}
	var in io.Reader = &s.memory
	if s.file != nil {
		if err := s.out.Flush(); err != nil {
			return nil, err
		}
		if _, err := s.file.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		in = io.MultiReader(&s.memory, s.file)
	}
	return bufio.NewReader(s2.NewReader(in, s2.ReaderMaxBlockSize(256<<10))), nil
}

// readPage reads one page. io.EOF says that there is none; a page that is cut
// short is another error.
func readPage(in *bufio.Reader) (*remote.Page, error) {
	n, err := binary.ReadUvarint(in)
	if err != nil {
		return nil, err
	}
	page := &remote.Page{Number: int(n)}
	count, err := binary.ReadUvarint(in)
	for range count {
		var size uint64
		if size, err = binary.ReadUvarint(in); err != nil {
			break
		}
		raw := make([]byte, size)
		if _, err = io.ReadFull(in, raw); err != nil {
			break
		}
		var o remote.Object
		if o, err = remote.ParseObject(raw); err != nil {
			break
		}
		page.Objects = append(page.Objects, o)
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return page, err
}

func (s *spool) close() {
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
	}
}
