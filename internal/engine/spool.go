package engine

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/syncedgo/synced/remote"
)

// spoolMemory is how many bytes of compressed pages are held in memory; past it
// they go to a file.
const spoolMemory = 8 << 20

// spool keeps the pages of an atomic run until all have arrived, compressed:
// in memory first, then in a temporary file that has no name any more once it is
// open, so that a crash leaves none behind (where the system allows that).
type spool struct {
	memory bytes.Buffer
	file   *os.File
	out    *bufio.Writer
	zip    *flate.Writer
	err    error // what ended a reading early
}

// Write takes compressed bytes.
func (s *spool) Write(b []byte) (int, error) {
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
		s.zip, _ = flate.NewWriter(s, flate.BestSpeed) // the level is valid
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

// pages reads the pages back, once. It stops early at an error, kept in err.
func (s *spool) pages() iter.Seq2[int, []remote.Object] {
	return func(yield func(int, []remote.Object) bool) {
		in, err := s.reader()
		for err == nil {
			var number int
			var objects []remote.Object
			if number, objects, err = readPage(in); err == nil && !yield(number, objects) {
				return
			}
		}
		if !errors.Is(err, io.EOF) {
			s.err = err
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
	return bufio.NewReader(flate.NewReader(in)), nil
}

// readPage reads one page. io.EOF says that there is none; a page that is cut
// short is another error.
func readPage(in *bufio.Reader) (number int, objects []remote.Object, err error) {
	n, err := binary.ReadUvarint(in)
	if err != nil {
		return 0, nil, err
	}
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
		objects = append(objects, o)
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return int(n), objects, err
}

func (s *spool) close() {
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
	}
}
