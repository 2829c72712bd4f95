package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"reflect"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/schema"
	gormpostgres "gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"
)

// peer is a [Rental] as ORMs want it.
type peer struct {
	bun.BaseModel `gorm:"-" bun:"table:rentals"`
	ID            int64           `json:"-" gorm:"primaryKey" bun:"id,pk,autoincrement"`
	SyncedID      int64           `json:"id"`
	AccountID     int64           `json:"-"`
	SyncedData    json.RawMessage `json:"-" bun:"type:jsonb"`
	Name          string          `json:"name"`
	Headline      *string         `json:"headline"`
	Surface       *int64          `json:"surface"`
	Bedrooms      int64           `json:"bedrooms_count"`
	Sleeps        int64           `json:"sleeps"`
	Price         string          `json:"price"`
	WeekendPrice  string          `json:"weekend_price"`
	Currency      string          `json:"currency"`
	Lat           float64         `json:"lat"`
	Lng           float64         `json:"lng"`
	Published     bool            `json:"published"`
	Bookable      bool            `json:"instantly_bookable" gorm:"column:instantly_bookable" bun:"instantly_bookable"`
	CreatedAt     time.Time       `json:"created_at" gorm:"autoCreateTime:false"`
	UpdatedAt     time.Time       `json:"updated_at" gorm:"autoUpdateTime:false"`
	Address       Address         `json:"address" gorm:"serializer:json" bun:"type:jsonb"`
}

// TableName is for GORM.
func (peer) TableName() string { return "rentals" }

func decodedPeer(raw json.RawMessage, row *peer) error {
	row.AccountID, row.SyncedData = account, raw
	return json.Unmarshal(raw, row)
}

// handle is the database as database/sql has it.
func (db *database) handle() *sql.DB {
	if db.pool != nil {
		return stdlib.OpenDBFromPool(db.pool)
	}
	return db.sql
}

// gormOf makes a run with GORM: CreateInBatches, and an upsert of all columns.
func gormOf(db *database, j job) (func(context.Context) (measurement, error), error) {
	dialect := gormpostgres.New(gormpostgres.Config{Conn: db.handle()})
	if db.pool == nil {
		dialect = withoutCgo{dialect}
	}
	orm, err := gorm.Open(dialect, &gorm.Config{Logger: logger.Discard})
	if err != nil {
		return nil, err
	}
	conflict := clause.OnConflict{Columns: []clause.Column{{Name: "account_id"}, {Name: "synced_id"}}, UpdateAll: true}
	return upsertsOf(db, j, func(ctx context.Context, rows []peer) error {
		return orm.WithContext(ctx).Clauses(conflict).CreateInBatches(rows, j.Options.PerPage).Error
	}, decodedPeer), nil
}

// withoutCgo stands for GORM's own dialector of SQLite, which needs cgo. It writes the same
// statements.
type withoutCgo struct{ gorm.Dialector }

// BindVarTo writes a parameter.
func (withoutCgo) BindVarTo(w clause.Writer, _ *gorm.Statement, _ any) { _ = w.WriteByte('?') }

// bunOf makes a run with bun's upsert of all columns.
func bunOf(db *database, j job) (func(context.Context) (measurement, error), error) {
	var dialect schema.Dialect = pgdialect.New()
	if db.pool == nil {
		dialect = sqlitedialect.New()
	}
	orm := bun.NewDB(db.handle(), dialect)
	var columns []string
	for _, f := range orm.Table(reflect.TypeFor[peer]()).Fields {
		if !f.IsPK {
			columns = append(columns, f.Name)
		}
	}
	return upsertsOf(db, j, func(ctx context.Context, rows []peer) error {
		insert := orm.NewInsert().Model(&rows).ExcludeColumn("id").On("CONFLICT (account_id, synced_id) DO UPDATE").Returning("NULL")
		for _, c := range columns {
			insert = insert.Set("? = EXCLUDED.?", bun.Ident(c), bun.Ident(c))
		}
		_, err := insert.Exec(ctx)
		return err
	}, decodedPeer), nil
}
