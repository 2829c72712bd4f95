package outbox

import (
	"context"
	"fmt"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/ledger"
	"github.com/syncedgo/synced/store"
)

// Consumer is how far a consumer is.
type Consumer struct {
	Name string
	// Position is the ID of the last change that it has done, 0 for none.
	Position int64
	// Behind is how many changes come after that, those of models that it does not read
	// included, and Oldest when the first of them was made; zero where there is none.
	Behind int64
	Oldest time.Time
}

// Consumers returns the consumers that are known, by name, and how far each is.
func Consumers(ctx context.Context, db store.Store) ([]Consumer, error) {
	b, err := backend.Of(db)
	var kept []ledger.Consumer
	if err == nil {
		kept, err = ledger.Consumers(ctx, b)
	}
	if err != nil {
		return nil, fmt.Errorf("synced: outbox: consumers: %w", err)
	}
	list := make([]Consumer, len(kept))
	for i, c := range kept {
		list[i] = Consumer{Name: c.Name, Position: c.Passed, Behind: c.Behind, Oldest: c.Oldest}
	}
	return list, nil
}
