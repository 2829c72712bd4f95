package peer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/store"
)

// Config says what is exchanged, and with whom. Only Models is required.
type Config struct {
	Models []Model
	// Recipients reports whether a peer may see the row of a change. It is asked for each
	// change and each peer, when changes are sent, and its answer may change: a row that a
	// peer may no longer see is removed there. New is the whole row as the change left it, also of
	// an update; it is not asked for a deletion, which each peer gets that has the row. It waits
	// for nothing but the database. It is called by several requests at once. Defaults to all.
	Recipients func(ctx context.Context, c journal.Change, to Remote) (bool, error)
	// Authorize returns an error where a peer may not make a change, which is then refused
	// and told to the peer. It is called in the order of changes, before each is applied.
	// Keys and references of the change are those of this database. It is called by several
	// requests at once. By default, peers that are authenticated may change all models.
	Authorize func(ctx context.Context, c journal.Change, from Remote) error
	// MaxChanges and MaxBatchBytes are how many changes a batch has, and about how many bytes:
	// one change more than that is sent alone. They default to 500 and 4 MiB.
	MaxChanges    int
	MaxBatchBytes int
}

// Peer is this installation, as one that exchanges changes with others. It is safe for
// concurrent use, also by several processes on one database.
type Peer struct{ *applier }

// core is what all parts of a peer work with.
type core struct {
	db      backend.Store
	journal *journal.Journal
	rows    journal.Rows
	config  Config
	models  []*model
	byName  map[string]*model
	byTable map[string]*model
	now     func() time.Time
}

// settler keeps conflicts and carries decisions out, and applier applies what came.
type (
	settler struct{ *core }
	applier struct{ *settler }
)

// New makes a peer of a journal. It looks at the tables of the models; the database has to
// be migrated. It writes nothing but which installation this is, the first time, and on a copy
// that got a GUID of its own (journal.NewInstallation) which rows the original made.
func New(ctx context.Context, db store.Store, j *journal.Journal, c Config) (*Peer, error) {
	b, err := backend.Of(db)
	if err == nil {
		err = b.Ready(ctx)
	}
	if err == nil && j == nil {
		err = errors.New("the journal is missing: open one with journal.Open")
	}
	if err == nil && len(c.Models) == 0 {
		err = errors.New("there are no models: list those that are exchanged")
	}
	p := &Peer{&applier{&settler{&core{db: b, journal: j, config: c, byName: map[string]*model{}, byTable: map[string]*model{}, now: time.Now}}}}
	p.config.MaxChanges = cmp.Or(max(0, c.MaxChanges), 500)
	p.config.MaxBatchBytes = cmp.Or(max(0, c.MaxBatchBytes), 4<<20)
	if err == nil {
		p.rows = journal.RowsOf(j)
		p.models, err = bind(ctx, b, c.Models)
	}
	if err != nil {
		return nil, fmt.Errorf("synced: peer: %w", err)
	}
	for _, m := range p.models {
		if p.byName[m.Name] != nil {
			return nil, fmt.Errorf("synced: peer: two models have the name %q", m.Name)
		}
		p.byName[m.Name], p.byTable[m.Table] = m, m
	}
	if err := p.settleIn(ctx); err != nil {
		return nil, fmt.Errorf("synced: peer: %w", err)
	}
	// Parents before children.
	slices.SortStableFunc(p.models, func(a, b *model) int { return cmp.Compare(a.depth, b.depth) })
	return p, nil
}

// GUID names this installation.
func (p *core) GUID() string { return p.journal.GUID() }

// inTx works in a transaction.
func (p *core) inTx(ctx context.Context, work func(ctx context.Context, tx backend.Tx) error) error {
	return backend.InTx(ctx, p.db, work)
}
