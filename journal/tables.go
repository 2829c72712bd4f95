package journal

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/syncedgo/synced/internal/backend"
)

// tables are those of a journal. They are described again when triggers are installed or
// checked. It is safe for concurrent use.
type tables struct {
	db   backend.Store
	sql  dialect
	list []Table

	mu    sync.RWMutex
	found map[string]*described
}

// look describes all tables.
func (t *tables) look(ctx context.Context) error {
	found := map[string]*described{}
	for _, one := range t.list {
		err := one.check()
		if err == nil && found[one.Name] != nil {
			err = errors.New("it is declared twice")
		}
		if err == nil {
			found[one.Name], err = t.describe(ctx, one)
		}
		if err != nil {
			return fmt.Errorf("table %q: %w", one.Name, err)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.found = found
	return nil
}

// watched returns the tables that are noticed in a way.
func (t *tables) watched(how Watch) (list []*described) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, one := range t.list {
		if one.Watch == how {
			list = append(list, t.found[one.Name])
		}
	}
	return list
}

// of finds the table of a model, and returns nil where there is none.
func (t *tables) of(model string) *described {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.found[model]
}

// named is of, with an error.
func (t *tables) named(model string) (*described, error) {
	if d := t.of(model); d != nil {
		return d, nil
	}
	return nil, fmt.Errorf("synced: journal: the model %q has no journal: list it in Config.Tables", model)
}
