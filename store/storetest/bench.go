package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/mapper"
	"github.com/syncedgo/synced/store"
)

// pageSize and tableSize are the rows of a page and of the table that is synced
// again; an object is of 1.5 kB.
const (
	pageSize  = 500
	tableSize = 20_000
)

// Benchmark measures Write, a page of 500 rows a transaction: of rows that are
// new, of rows that are unchanged, and where 1 % changed. Open returns a store on
// an empty database.
func Benchmark(b *testing.B, open func(b *testing.B) store.Store) {
	b.Run("new", func(b *testing.B) {
		m, next := benchTable(b, open(b)), int64(0)
		measure(b, m, func() []store.Row {
			next += pageSize
			return page(m, next, func(int64) int64 { return 1 })
		})
	})
	for name, changed := range map[string]int64{"unchanged": 0, "1% changed": 100} {
		b.Run(name, func(b *testing.B) {
			m, next := benchTable(b, open(b)), int64(0)
			for id := int64(0); id < tableSize; id += pageSize {
				m.Write(b, account, page(m, id, func(int64) int64 { return 1 })...)
			}
			Exec(b, m.DB, "ANALYZE")
			measure(b, m, func() []store.Row {
				next++
				return page(m, next*pageSize%tableSize, func(id int64) int64 {
					if changed > 0 && id%changed == 0 {
						return next + 1
					}
					return 1
				})
			})
		})
	}
}

func measure(b *testing.B, m *Model[place], page func() []store.Row) {
	b.Helper()
	for b.Loop() {
		b.StopTimer()
		rows := page()
		b.StartTimer()
		m.Write(b, account, rows...)
	}
	b.ReportMetric(float64(pageSize)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(0, "ns/op")
}

// place is a model with the columns that many have.
type place struct {
	ID        int64       `db:"id"`
	SyncedID  int64       `json:"id" db:"synced_id"`
	AccountID int64       `db:"account_id"`
	Name      string      `json:"name" db:"name"`
	City      string      `json:"city" db:"city"`
	Price     *float64    `json:"price" db:"price"`
	Rooms     int64       `json:"rooms" db:"rooms"`
	Open      bool        `json:"open" db:"open"`
	Tags      []string    `json:"tags" db:"tags"`
	Data      mapper.Data `db:"synced_data"`
}

func benchTable(b *testing.B, db store.Store) *Model[place] {
	require.NoError(b, db.Migrate(b.Context()))
	return Create[place](b, db, Options{Scope: "account_id"})
}

// page makes the rows from an id on. Version is the fingerprint of a row, and
// what makes its columns differ.
func page(m *Model[place], from int64, version func(id int64) int64) []store.Row {
	filler := strings.Repeat("x", 1400)
	rows := make([]store.Row, pageSize)
	for i := range rows {
		id := from + int64(i)
		v := version(id)
		value := place{SyncedID: id, Name: fmt.Sprint("place ", id, " ", v), City: "Lisbon", Price: ptr(float64(v) / 4), Rooms: v, Open: true,
			Tags: []string{"sea", "quiet"}, Data: mapper.Data(fmt.Sprintf(`{"id":%d,"version":%d,"text":"%s"}`, id, v, filler))}
		rows[i] = m.Row(v, value)
	}
	return rows
}
