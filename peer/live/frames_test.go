package live

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"
)

// bytesConn is a connection that has bytes to read.
type bytesConn struct {
	net.Conn
	in  io.Reader
	out bytes.Buffer
}

func (c *bytesConn) Read(into []byte) (int, error)    { return c.in.Read(into) }
func (c *bytesConn) Write(text []byte) (int, error)   { return c.out.Write(text) }
func (c *bytesConn) SetReadDeadline(time.Time) error  { return nil }
func (c *bytesConn) SetWriteDeadline(time.Time) error { return nil }

// FuzzFrames reads whatever comes: frames are never longer than allowed, and what they say of
// their length is not believed before the bytes are there.
func FuzzFrames(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x0f{\"type\":\"ping\"}"), false)
	f.Add([]byte("\x00\x0f{\"type\":\"ping\"}\x00\x02{}"), true)
	f.Add([]byte("\xff\xff\xff\xff"), false)
	f.Add([]byte("\x00\x00\x00\x00"), false)
	f.Fuzz(func(t *testing.T, raw []byte, short bool) {
		const longest = 1 << 10
		frames := Frames32
		if short {
			frames = Frames16
		}
		conn := &bytesConn{in: bytes.NewReader(raw)}
		l := &framed{conn: conn, frames: frames, longest: longest, patience: time.Minute, heard: func() {}}
		for rest := raw; ; {
			text, err := l.read()
			if err != nil {
				break
			}
			header := frames.header()
			length := int(binary.BigEndian.Uint16(rest))
			if frames == Frames32 {
				length = int(binary.BigEndian.Uint32(rest))
			}
			if length > longest || length != len(text) || !bytes.Equal(text, rest[header:header+length]) {
				t.Fatalf("a frame of %d bytes was read as %d", length, len(text))
			}
			rest = rest[header+length:]
			m, err := decodeMessage(text)
			if err == nil && (m.Type == "" || len(m.Type) > longestType) {
				t.Fatalf("a message of type %q", m.Type)
			}
			// What is written is read again.
			again := &framed{conn: conn, frames: frames, longest: longest, patience: time.Minute, heard: func() {}}
			if err := again.write(text); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(conn.out.Next(header+length), raw[len(raw)-len(rest)-header-length:len(raw)-len(rest)]) {
				t.Fatal("it was written otherwise")
			}
		}
	})
}
