package sqlite

import (
	"sync"
	"time"

	"github.com/syncedgo/synced/internal/sqlitedriver"
)

// alone looks for other libraries that came by after the file was opened.
type alone struct {
	mu   sync.Mutex
	next time.Time
}

// check takes 1 % of the time at most: a process may have many files open.
func (a *alone) check(file sqlitedriver.Database) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	begin := time.Now()
	if begin.Before(a.next) {
		return nil
	}
	if err := sqlitedriver.Alone(file.Path); err != nil {
		return err
	}
	end := time.Now()
	a.next = end.Add(100 * end.Sub(begin))
	return nil
}
