package breaking_test

import (
	"context"
	"fmt"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/remote"
	"github.com/syncedgo/synced/store"
	"github.com/syncedgo/synced/strategy"
	"github.com/syncedgo/synced/timestamp"
)

// Street is what homes belong to, by its remote id.
type Street struct {
	ID         int64       `db:"id"`
	SyncedID   int64       `json:"id" db:"synced_id"`
	AccountID  int64       `db:"account_id"`
	Name       string      `json:"name" db:"name"`
	Notes      string      `db:"notes"`
	CanceledAt *time.Time  `db:"canceled_at"`
	SyncedData synced.Data `db:"synced_data"`
}

// Home has rooms and labels, texts in a table of their own, and a street.
type Home struct {
	ID         int64               `db:"id"`
	SyncedID   int64               `json:"id" db:"synced_id"`
	AccountID  int64               `db:"account_id"`
	Name       string              `json:"name" db:"name"`
	Size       *int32              `json:"size" db:"size"`
	Headline   synced.Translations `json:"headline" db:"headline" synced:"translated"`
	StreetID   *int64              `db:"street_id" synced:"parent"`
	Label      string              `db:"label" synced:"computed"`
	Notes      string              `db:"notes"`
	UpdatedAt  time.Time           `json:"updated_at" db:"updated_at"`
	CanceledAt *time.Time          `db:"canceled_at"`
	SyncedAll  *time.Time          `db:"synced_all_at"`
	SyncedData synced.Data         `db:"synced_data"`
}

// Chamber is a room of a home, and has beds.
type Chamber struct {
	ID         int64      `db:"id"`
	SyncedID   int64      `json:"id" db:"synced_id"`
	AccountID  int64      `db:"account_id"`
	HomeID     int64      `db:"home_id" synced:"parent"`
	Name       string     `json:"name" db:"name"`
	Area       *int32     `json:"area" db:"area"`
	Notes      string     `db:"notes"`
	CanceledAt *time.Time `db:"canceled_at"`
}

// Bed stands in a room.
type Bed struct {
	ID        int64  `db:"id"`
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	ChamberID int64  `db:"chamber_id" synced:"parent"`
	Name      string `json:"name" db:"name"`
	Notes     string `db:"notes"`
}

// Tag is shared by homes.
type Tag struct {
	ID        int64  `db:"id"`
	SyncedID  int64  `json:"id" db:"synced_id"`
	AccountID int64  `db:"account_id"`
	Name      string `json:"name" db:"name"`
	Notes     string `db:"notes"`
}

// town is the models of a service, bound to its database.
type town struct {
	streets *synced.Model[Street]
	homes   *synced.Model[Home]
}

// ways are how a town is declared.
type ways struct {
	Listing string
	// Full is the strategy; updated_since otherwise.
	Full bool
	// Remove is "destroy" or "cancel".
	Remove string
	Verify synced.Verify
	// Commit is "page", "noted" or "atomic".
	Commit string
	// Version declares the version of a home, Fetch that a street which is not here is
	// asked for, PerRecord where times are kept, Conditional that lists have an ETag.
	Version, Fetch, PerRecord, Conditional bool
	// Tombstones reports whether lists have what was deleted, with a deleted_at, in place
	// of lists of ids. Keys reports whether the tables have foreign keys, and Own whether a
	// function of the service's removes streets.
	Tombstones, Keys, Own bool
	// Mapping is the version of Map.
	Mapping int
}

func (w ways) removal() synced.Removal {
	if w.Remove == "cancel" {
		return synced.CancelOrDestroy{Verify: w.Verify}
	}
	return synced.Destroy{Verify: w.Verify}
}

// streetRemoval is how streets are removed.
func (w ways) streetRemoval() synced.Removal {
	if !w.Own {
		return w.removal()
	}
	return synced.RemoveBy[Street]{Verify: w.Verify, Func: func(ctx context.Context, tx store.Tx, rows []*Street) error {
		for _, row := range rows {
			if _, err := tx.Exec(ctx, squirrel.Expr("DELETE FROM streets WHERE id = ?", row.ID)); err != nil {
				return err
			}
		}
		return nil
	}}
}

// tombstone tells what was deleted, where lists have it.
func (w ways) tombstone() func(remote.Object) bool {
	if !w.Tombstones {
		return nil
	}
	return func(o remote.Object) bool {
		_, deleted := o.Lookup("deleted_at")
		return deleted
	}
}

// foreignKeys are those of a service that lets its database keep what belongs together.
var foreignKeys = []string{
	"ALTER TABLE homes ADD FOREIGN KEY (street_id) REFERENCES streets (id)",
	"ALTER TABLE chambers ADD FOREIGN KEY (home_id) REFERENCES homes (id)",
	"ALTER TABLE beds ADD FOREIGN KEY (chamber_id) REFERENCES chambers (id)",
}

func (w ways) commit() synced.Commit {
	switch w.Commit {
	case "atomic":
		return synced.Atomic{}
	case "noted":
		return synced.PerPage{Checkpoint: time.Nanosecond}
	default:
		return synced.PerPage{}
	}
}

func (w ways) strategy() strategy.Strategy {
	if w.Full {
		return strategy.Full{}
	}
	return strategy.UpdatedSince{}
}

// called is what Map makes of a name.
func (w ways) called(name string) string { return fmt.Sprintf("%d: %s", w.Mapping, name) }

// bind declares the models, creates their tables if asked to, and binds them.
func (w ways) bind(ctx context.Context, db backend.Store, apis apis, create bool) (*town, error) {
	everything := synced.Quarantine{Limit: 1}
	beds, err := build(ctx, db, create, synced.Synced[Bed]{Table: "beds", Scope: "account_id", Outbox: true, Invalid: everything})
	if err != nil {
		return nil, err
	}
	chambers, err := build(ctx, db, create, synced.Synced[Chamber]{Table: "chambers", Scope: "account_id", Outbox: true, Invalid: everything, Remove: w.removal(),
		Associations: []synced.Association{synced.HasMany(beds, "beds", "chamber_id")}})
	if err != nil {
		return nil, err
	}
	tags, err := build(ctx, db, create, synced.Synced[Tag]{Table: "tags", Scope: "account_id", Outbox: true, Invalid: everything})
	if err != nil {
		return nil, err
	}
	streets, err := build(ctx, db, create, synced.Synced[Street]{Table: "streets", APIFor: apis.of, Scope: "account_id", Outbox: true, Remove: w.streetRemoval(), Tombstone: w.tombstone(), Commit: w.commit(), Strategy: w.strategy()})
	if err != nil {
		return nil, err
	}
	missing := synced.MissingNull
	if w.Fetch {
		missing = synced.MissingFetch
	}
	homes := synced.Synced[Home]{
		Table: "homes", APIFor: apis.of, Scope: "account_id", Outbox: true, Invalid: everything, Remove: w.removal(), Tombstone: w.tombstone(), Commit: w.commit(), Strategy: w.strategy(),
		Associations: []synced.Association{synced.HasMany(chambers, "chambers", "home_id"), synced.Linked(tags, "tags", "home_tags", "home_id", "tag_id")},
		BelongsTo:    []synced.Parent{synced.BelongsTo(streets, "street", "street_id", missing)},
		MapVersion:   w.Mapping,
		Map: func(_ remote.Object, h *Home) error {
			h.Label = w.called(h.Name)
			return nil
		},
	}
	if w.Version {
		homes.Version = "updated_at"
	}
	if w.PerRecord {
		homes.Timestamps = timestamp.PerRecord{}
	}
	bound, err := build(ctx, db, create, homes)
	if err != nil {
		return nil, err
	}
	return &town{streets: streets, homes: bound}, nil
}

func build[T any](ctx context.Context, db backend.Store, create bool, d synced.Synced[T]) (*synced.Model[T], error) {
	if create {
		if err := d.CreateTable(ctx, db); err != nil {
			return nil, err
		}
	}
	return synced.New(ctx, db, d)
}

// model is a model by its table.
func (t *town) model(name string) *synced.Handle {
	if name == "streets" {
		return t.streets.Handle
	}
	return t.homes.Handle
}
