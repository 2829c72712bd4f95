package live

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net"
	"time"
)

// Frames says how messages are told apart on a [net.Conn].
type Frames int

const (
	// Frames32 have the length of the message before it, in 4 bytes, the highest first.
	Frames32 Frames = iota
	// Frames16 have it in 2 bytes, as those of Syncro. A change of more than 65535 bytes can't be sent.
	Frames16
)

// header is how many bytes the length has.
func (f Frames) header() int {
	if f == Frames16 {
		return 2
	}
	return 4
}

// most is the longest message.
func (f Frames) most() int {
	if f == Frames16 {
		return math.MaxUint16
	}
	return math.MaxInt32
}

// piece is how much is read or written at a time. Each has to succeed in the time that a
// connection is given.
const piece = 64 << 10

// link carries whole messages. It is read by one goroutine, and written by one at a time.
type link interface {
	// read returns the next message.
	read() ([]byte, error)
	write(text []byte) error
	// close may be called by others, and several times. It ends read and write.
	close()
	// most is the longest message that it carries, and limit sets the longest that is read.
	most() int
	limit(longest int)
}

// framed is a link over a connection of bytes.
type framed struct {
	conn     net.Conn
	frames   Frames
	longest  int
	patience time.Duration
	// heard is called as bytes come in.
	heard func()
}

func (l *framed) read() ([]byte, error) {
	var length bytes.Buffer
	if err := l.fill(&length, l.frames.header()); err != nil {
		return nil, err
	}
	n := 0
	for _, b := range length.Bytes() {
		n = n<<8 | int(b)
	}
	if n == 0 || n > l.longest {
		return nil, badMessage("a frame of %d bytes: from 1 to %d are read; the other side may use frames with another length", n, l.longest)
	}
	var text bytes.Buffer // it grows as bytes come, whatever the length claims
	if err := l.fill(&text, n); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("a frame of %d bytes: %w", n, err)
	}
	return text.Bytes(), nil
}

// fill reads that many bytes.
func (l *framed) fill(into *bytes.Buffer, n int) error {
	for n > 0 {
		if err := l.conn.SetReadDeadline(time.Now().Add(l.patience)); err != nil {
			return err
		}
		got, err := io.CopyN(into, l.conn, int64(min(n, piece)))
		if n -= int(got); got > 0 {
			l.heard()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *framed) write(text []byte) error {
	if len(text) > l.frames.most() {
		return fmt.Errorf("a message of %d bytes is too long for a frame", len(text))
	}
	length := binary.BigEndian.AppendUint32(nil, uint32(len(text)))
	begin := min(len(text), piece)
	if err := l.put(append(length[4-l.frames.header():], text[:begin]...)); err != nil {
		return err
	}
	for text = text[begin:]; len(text) > 0; text = text[begin:] {
		begin = min(len(text), piece)
		if err := l.put(text[:begin]); err != nil {
			return err
		}
	}
	return nil
}

// put writes a piece.
func (l *framed) put(text []byte) error {
	err := l.conn.SetWriteDeadline(time.Now().Add(l.patience))
	if err == nil {
		_, err = l.conn.Write(text)
	}
	return err
}

func (l *framed) close()            { _ = l.conn.Close() }
func (l *framed) most() int         { return l.frames.most() }
func (l *framed) limit(longest int) { l.longest = longest }

var _ link = (*framed)(nil)
