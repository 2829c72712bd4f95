package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
)

// tableSize is how many rows the table has that is synced again.
const tableSize = 20_000

// Limit inserts rows in its own transaction in the fastest way that the
// database has: what a store's Write of new rows is measured against.
type Limit func(ctx context.Context, table string, columns []string, rows [][]any) error

// shape is what the rows of a benchmark are like.
type shape struct {
	page           int // rows of a page
	texts, numbers int // columns, beside the remote id, a time and a list
	bytes          int // of the object
}

var shapes = []struct {
	name string
	shape
}{
	{"1.5kB", shape{500, 5, 3, 1500}},
	{"100B", shape{500, 2, 1, 100}},
	{"100kB", shape{50, 5, 3, 100_000}},
	{"60 columns", shape{500, 45, 12, 1500}},
	{"20 numbers", shape{500, 0, 20, 300}},
	{"page of 1", shape{1, 5, 3, 1500}},
	{"page of 20", shape{20, 5, 3, 1500}},
	{"page of 50", shape{50, 5, 3, 1500}},
	{"page of 5000", shape{5000, 5, 3, 1500}},
}

// Benchmark measures Write, a page a transaction: of new rows of many shapes, with
// the share of the limit's speed that is reached, both of the same rows in turns;
// of rows that are unchanged, of which 1 % changed, and which all changed. Open
// returns a store on an empty database, and the limit there.
func Benchmark(b *testing.B, open func(b *testing.B) (backend.Store, Limit)) {
	for _, s := range shapes {
		b.Run("new/"+s.name, func(b *testing.B) { benchmarkNew(b, s.shape, open) })
	}
	for _, c := range []struct {
		name    string
		changed int64
	}{{"unchanged", 0}, {"1% changed", 100}, {"all changed", 1}} {
		b.Run(c.name, func(b *testing.B) {
			db, _ := open(b)
			m, next := shapes[0].create(b, db, "places"), int64(0)
			for id := int64(0); id < tableSize; id += int64(m.page) {
				m.write(b, m.records(id, func(int64) int64 { return 1 }))
			}
			Exec(b, db, "ANALYZE")
			for b.Loop() {
				b.StopTimer()
				next++
				rows := m.records(next*int64(m.page)%tableSize, func(id int64) int64 {
					if c.changed > 0 && id%c.changed == 0 {
						return next + 1
					}
					return 1
				})
				b.StartTimer()
				m.write(b, rows)
			}
			m.report(b, b.Elapsed())
		})
	}
}

func benchmarkNew(b *testing.B, s shape, open func(b *testing.B) (backend.Store, Limit)) {
	db, limit := open(b)
	m, raw := s.create(b, db, "places"), s.create(b, db, "raw")
	columns := []string{"account_id", "synced_hash"}
	for _, c := range raw.table.Columns {
		if c.Managed {
			columns = append(columns, c.Name)
		}
	}
	var limited, ours time.Duration
	next := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		rows := m.records(next, func(int64) int64 { return 1 })
		values := raw.values(b, rows)
		next += int64(s.page)
		insert := func() {
			began := time.Now()
			require.NoError(b, limit(b.Context(), "raw", columns, values))
			limited += time.Since(began)
		}
		// By chance, or the same one would pay for each of the checkpoints.
		first := rand.IntN(2) == 0
		if first {
			insert()
		}
		b.StartTimer()
		began := time.Now()
		m.write(b, rows)
		ours += time.Since(began)
		if b.StopTimer(); !first {
			insert()
		}
		b.StartTimer()
	}
	m.report(b, ours)
	b.ReportMetric(float64(limited)/float64(ours), "of-limit")
}

// benchModel is a model of a shape.
type benchModel struct {
	shape
	db     backend.Store
	table  *backend.Table
	filler string
}

func (s shape) create(b *testing.B, db backend.Store, table string) *benchModel {
	require.NoError(b, db.Migrate(b.Context()))
	field := func(name string, v any, tag string) reflect.StructField {
		return reflect.StructField{Name: name, Type: reflect.TypeOf(v), Tag: reflect.StructTag(tag)}
	}
	fields := []reflect.StructField{
		field("ID", int64(0), `db:"id"`),
		field("SyncedID", int64(0), `json:"id" db:"synced_id"`),
		field("At", time.Time{}, `json:"at" db:"at"`),
		field("Tags", []string{}, `json:"tags" db:"tags"`),
		field("Data", mapper.Data{}, `db:"synced_data"`),
	}
	for i := range s.texts {
		fields = append(fields, field(fmt.Sprint("Text", i), "", fmt.Sprintf(`json:"text%[1]d" db:"text%[1]d"`, i)))
	}
	for i := range s.numbers {
		var v any = int64(0)
		if i%2 == 1 {
			v = new(float64)
		}
		fields = append(fields, field(fmt.Sprint("Number", i), v, fmt.Sprintf(`json:"number%[1]d" db:"number%[1]d"`, i)))
	}
	t := createTable(b, db, reflect.StructOf(fields), Options{Table: table, Scope: "account_id"})
	t.Unread = true
	return &benchModel{s, db, t, strings.Repeat("x", s.bytes)}
}

// records makes the records of a page, from an id on. Version is the fingerprint of
// a record, and what makes its columns differ.
func (m *benchModel) records(from int64, version func(id int64) int64) []backend.Record {
	page := make([]backend.Record, m.page)
	for i := range page {
		id := from + int64(i)
		v := version(id)
		row := m.table.New()
		value := reflect.ValueOf(row.Value).Elem()
		value.FieldByName("SyncedID").SetInt(id)
		value.FieldByName("At").Set(reflect.ValueOf(time.Unix(id, 0).UTC()))
		value.FieldByName("Tags").Set(reflect.ValueOf([]string{"sea", "quiet"}))
		value.FieldByName("Data").SetBytes(fmt.Appendf(nil, `{"id":%d,"version":%d,"text":"%s"}`, id, v, m.filler))
		for i := range m.texts {
			value.FieldByName(fmt.Sprint("Text", i)).SetString(fmt.Sprint("place ", id, " ", v))
		}
		for i := range m.numbers {
			if f := value.FieldByName(fmt.Sprint("Number", i)); f.CanInt() {
				f.SetInt(id + v)
			} else {
				f.Set(reflect.ValueOf(ptr(float64(id+v) / 4)))
			}
		}
		page[i] = record(m.table, v, row)
	}
	return page
}

// values returns the rows of a page as a driver takes them.
func (m *benchModel) values(b *testing.B, page []backend.Record) [][]any {
	list := make([][]any, len(page))
	for i, r := range page {
		list[i] = []any{account, r.Hash}
		row, err := r.Map()
		require.NoError(b, err)
		for c, column := range m.table.Columns {
			if column.Managed {
				v, err := backend.Plain(row.Pointers[c])
				require.NoError(b, err)
				list[i] = append(list[i], v)
			}
		}
	}
	return list
}

func (m *benchModel) write(b *testing.B, rows []backend.Record) {
	tx, err := m.db.Begin(b.Context())
	require.NoError(b, err)
	_, err = tx.Write(b.Context(), m.table, account, rows)
	require.NoError(b, err)
	require.NoError(b, tx.Commit(b.Context()))
}

func (m *benchModel) report(b *testing.B, took time.Duration) {
	b.ReportMetric(float64(m.page)*float64(b.N)/took.Seconds(), "rows/s")
	b.ReportMetric(0, "ns/op")
}
