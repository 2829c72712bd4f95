package live

import (
	"bytes"
	"context"
	"io"
	"math"
	"time"

	"github.com/coder/websocket"
)

// socket is a link over WebSocket: each message is one of type text.
type socket struct {
	conn     *websocket.Conn
	patience time.Duration
	heard    func()
}

func (l *socket) read() ([]byte, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	watch := time.AfterFunc(l.patience, cancel)
	defer watch.Stop()
	kind, from, err := l.conn.Reader(ctx)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	for {
		l.heard()
		watch.Reset(l.patience)
		if _, err := io.CopyN(&text, from, piece); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
	}
	if kind != websocket.MessageText {
		return nil, badMessage("a binary message: all are text")
	}
	return text.Bytes(), nil
}

func (l *socket) write(text []byte) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	watch := time.AfterFunc(l.patience, cancel)
	defer watch.Stop()
	to, err := l.conn.Writer(ctx, websocket.MessageText)
	if err != nil {
		return err
	}
	for len(text) > 0 {
		n, err := to.Write(text[:min(len(text), piece)])
		if err != nil {
			return err
		}
		text = text[n:]
		watch.Reset(l.patience)
	}
	return to.Close()
}

func (l *socket) close()            { _ = l.conn.CloseNow() }
func (l *socket) most() int         { return math.MaxInt32 }
func (l *socket) limit(longest int) { l.conn.SetReadLimit(int64(longest)) }

var _ link = (*socket)(nil)
