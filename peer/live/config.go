package live

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/syncedgo/synced/peer"
)

// Config says how a [Node] works. Nothing is required of one that only connects.
type Config struct {
	// Authenticate tells who connects, or returns an error, as that of [peer.HandlerConfig]: a
	// handler of both may have the same. Of a [net.Conn] the request has the TLS state, the
	// address, and the Authorization that the other side's hello has. It is called by several
	// connections at once. Without it, nobody is answered.
	Authenticate func(*http.Request) (name string, err error)
	// LetDecide reports whether a peer that connects decides conflicts. Its Target says so as
	// well. Defaults to none.
	LetDecide func(name string) bool
	// Poll is how often the journal is looked at, while there are connections. That is one or two
	// small queries, for all connections together. [Node.Hint] makes it look at once. Defaults to
	// 200 milliseconds.
	Poll time.Duration
	// Ping is after which silence a peer is asked for a sign of life. Where nothing comes or goes for
	// three times as long, the connection is closed. Defaults to 15 seconds.
	Ping time.Duration
	// MaxMessageBytes bounds a message. Defaults to 32 MiB.
	MaxMessageBytes int
	// Messages are further types of messages, by name, and what is done when one comes. Those of
	// one connection are called one by one; the error is told to the sender. The body is JSON of
	// at most 64 KiB.
	Messages map[string]func(ctx context.Context, from peer.Remote, body []byte) error
	// OnError is told why connections were lost or refused. It is called by several connections at
	// once. Defaults to slog.WarnContext.
	OnError func(ctx context.Context, peer string, err error)
}

const (
	// window is how many batches a side takes that it has not acknowledged.
	window = 2
	// mostConnections is how many connections an installation may have at a time: one for each of
	// its processes.
	mostConnections = 8
	// mostBody is how long the body of a registered message may be, and mostWaiting how many
	// wait.
	mostBody    = 64 << 10
	mostWaiting = 16
	// shortest is what each side reads at least.
	shortest = 1 << 12
)

// withDefaults fills the zero values.
func (c Config) withDefaults() (Config, error) {
	c.Poll = cmp.Or(max(0, c.Poll), 200*time.Millisecond)
	c.Ping = cmp.Or(max(0, c.Ping), 15*time.Second)
	c.MaxMessageBytes = max(shortest, cmp.Or(c.MaxMessageBytes, 32<<20))
	if c.OnError == nil {
		c.OnError = func(ctx context.Context, peer string, err error) {
			slog.WarnContext(ctx, "synced: connection of a peer", "peer", peer, "error", err)
		}
	}
	for name, do := range c.Messages {
		if name == "" || len(name) > longestType || slices.Contains(ownTypes, name) || do == nil {
			return c, fmt.Errorf("messages of type %.80q can't be registered: it is one of ours, empty, too long, or has no function", name)
		}
	}
	return c, nil
}

// patience is how long reading or writing a piece may take.
func (c Config) patience() time.Duration { return 3 * c.Ping }
