package breaking_test

import (
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// proxy passes bytes on between clients and a server, and spoils them as told.
type proxy struct {
	listener         net.Listener
	network, address string
	trouble          func() trouble
	done             sync.WaitGroup

	mu     sync.Mutex
	closed bool
	open   map[net.Conn]bool
	calm   bool
}

// trouble is what becomes of one connection, after a number of bytes from its
// server, or from its client. The zero trouble is none.
type trouble struct {
	kind  string // cut, corrupt, delay, stall
	after int
	// client reports whether the client's bytes are counted.
	client bool
}

// newProxy is a proxy to a server, each of whose connections is given a trouble.
func newProxy(t testing.TB, network, address string, of func() trouble) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{listener: listener, network: network, address: address, trouble: of, open: map[net.Conn]bool{}}
	p.done.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial(p.network, p.address)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		what := trouble{}
		if !p.calm {
			what = p.trouble()
		}
		p.open[client], p.open[server] = true, true
		closed := p.closed
		p.mu.Unlock()
		if closed {
			p.hangUp(client, server)
			continue
		}
		fromServer, fromClient := what, trouble{}
		if what.client {
			fromServer, fromClient = fromClient, fromServer
		}
		p.done.Go(func() { p.pass(server, client, fromServer) })
		p.done.Go(func() { p.pass(client, server, fromClient) })
	}
}

// pass copies until either side ends.
func (p *proxy) pass(from, to net.Conn, what trouble) {
	defer p.hangUp(from, to)
	buffer := make([]byte, 4096)
	for passed := 0; ; {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if at := what.after - passed; what.kind != "" && at < n {
			switch what.kind {
			case "cut":
				_, _ = to.Write(buffer[:max(0, at)])
				return
			case "stall":
				_, _ = to.Write(buffer[:max(0, at)])
				for err == nil { // until somebody gives up
					_, err = from.Read(buffer)
				}
				return
			case "corrupt":
				buffer[at] ^= 0x10
				what.kind = ""
			case "delay":
				time.Sleep(3 * time.Millisecond)
			}
		}
		passed += n
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (p *proxy) hangUp(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		_ = c.Close()
		delete(p.open, c)
	}
}

// relax leaves new connections alone, and ends the others.
func (p *proxy) relax() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calm = true
	for c := range p.open {
		_ = c.Close()
	}
}

func (p *proxy) close() {
	_ = p.listener.Close()
	p.relax()
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.relax()
	p.done.Wait()
}

// Addr is where clients connect to.
func (p *proxy) Addr() *net.TCPAddr { return p.listener.Addr().(*net.TCPAddr) }
