package postgres_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/storetest"
	"github.com/syncedgo/synced/internal/testdb"
	"github.com/syncedgo/synced/mapper"
)

// everyType has fields for every type of column that rows are copied into, and
// for one that they are not.
type everyType struct {
	SyncedID int64       `json:"id" db:"synced_id"`
	Small    int16       `json:"small" db:"small"`
	Int      int32       `json:"int" db:"int"`
	Unsigned uint32      `json:"unsigned" db:"unsigned"`
	Real     float32     `json:"real" db:"real"`
	Double   *float64    `json:"double" db:"double"`
	Number   float64     `json:"number" db:"number"`
	Exact    string      `json:"exact" db:"exact"`
	Yes      bool        `json:"yes" db:"yes"`
	Char     string      `json:"char" db:"char"`
	Varchar  *string     `json:"varchar" db:"varchar"`
	Bytes    []byte      `json:"bytes" db:"bytes"`
	UUID     uuid.UUID   `json:"uuid" db:"uuid"`
	UUIDText string      `json:"uuid_text" db:"uuid_text"`
	At       time.Time   `json:"at" db:"at"`
	Maybe    *time.Time  `json:"maybe" db:"maybe"`
	Clock    time.Time   `json:"clock" db:"clock"`
	Day      time.Time   `json:"day" db:"day"`
	DayText  string      `json:"day_text" db:"day_text"`
	Tags     []string    `json:"tags" db:"tags"`
	Tree     []string    `json:"tree" db:"tree"`
	Mood     string      `json:"mood" db:"mood"`
	Data     mapper.Data `db:"synced_data"`
}

// everyTypes creates a table for it, with a column of the type mood or another.
func everyTypes(t *testing.T, db backend.Store, typ string) *storetest.Model[everyType] {
	t.Helper()
	return storetest.Create[everyType](t, db, storetest.Options{DDL: func(string) string {
		return `CREATE TABLE rentals (synced_id bigint UNIQUE, small smallint, int integer, unsigned bigint, "real" real, double float8, number numeric,
			exact numeric(20, 5), yes boolean, "char" char(4), "varchar" varchar(9), bytes bytea, uuid uuid, uuid_text uuid, at timestamptz, maybe timestamptz,
			clock timestamp, day date, day_text date, tags json, tree jsonb, mood ` + typ + `, synced_data jsonb, synced_hash bigint)`
	}})
}

// everyValue is a value for each column, and for id 2 nulls where there may be one.
func everyValue(id int64) everyType {
	half, name, at := 0.1, "name", time.Date(1970+int(id)*40, 2, 3, 4, 5, 6, 7_000, time.UTC)
	v := everyType{SyncedID: id, Small: -1, Int: 1 << 30, Unsigned: 1<<32 - 1, Real: 0.1, Double: &half, Number: 0.1, Exact: "123456789012.34500", Yes: true,
		Char: "a", Varchar: &name, Bytes: []byte{0, 1, 255}, UUID: uuid.MustParse("9c5b94b1-35ad-49bb-b118-8e8fc24abf80"), UUIDText: "9c5b94b1-35ad-49bb-b118-8e8fc24abf80",
		At: at, Maybe: &at, Clock: at, Day: at.Truncate(24 * time.Hour), DayText: "2026-01-02", Tags: []string{`a"\`, "\n\t"}, Tree: []string{"ü"}, Mood: "calm",
		Data: mapper.Data(`{"id": ` + strconv.FormatInt(id, 10) + `}`)}
	if id == 2 { // nulls
		v.Double, v.Varchar, v.Bytes, v.Maybe, v.Tags, v.Tree, v.Data = nil, nil, nil, nil, nil, nil, nil
	}
	return v
}

// What is copied is what INSERT writes, type by type; an enum, which pgx does not
// know, leaves the rows to INSERT.
func TestCopyWritesWhatInsertDoes(t *testing.T) {
	t.Parallel()

	for mood, typ := range map[string]string{"copied": "text", "inserted": "mood"} {
		t.Run(mood, func(t *testing.T) {
			t.Parallel()
			db := storeOn(testdb.Postgres(t))
			storetest.Exec(t, db, "CREATE TYPE mood AS ENUM ('calm')")
			m := everyTypes(t, db, typ)
			var rows []backend.Record
			for id := range int64(100) {
				rows = append(rows, m.Record(1, everyValue(id)))
			}
			for _, c := range m.Changes(t, nil, rows...) {
				require.Equal(t, backend.Created, c)
			}
			copied := m.All(t)
			storetest.Exec(t, db, "DELETE FROM rentals")
			for i := range rows { // one by one is by INSERT
				m.Write(t, nil, rows[i])
			}
			require.Equal(t, m.All(t), copied)
			require.Equal(t, "123456789012.34500", copied[1].Exact)
			require.Equal(t, everyValue(3).At, copied[3].At)
			require.Equal(t, everyValue(1).Tags, copied[1].Tags)
			require.Nil(t, copied[2].Data)
		})
	}
}

// Another writer inserts some of the rows of a page between the look and the COPY:
// it fails, and the rest of the transaction does not.
func TestCopyFallsBack(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		before, between string
		changes         [2]backend.Change
	}{
		"another writer inserts": {"", "INSERT INTO rentals (synced_id, name) VALUES (40, 'same'), (41, 'other')", [2]backend.Change{backend.Unchanged, backend.Updated}},
		"row level security": {"ALTER TABLE rentals ENABLE ROW LEVEL SECURITY; ALTER TABLE rentals FORCE ROW LEVEL SECURITY; " +
			"CREATE POLICY p ON rentals USING (true)", "", [2]backend.Change{backend.Created, backend.Created}},
		"a view": {"ALTER TABLE rentals RENAME TO base; CREATE VIEW rentals AS SELECT * FROM base", "", [2]backend.Change{backend.Created, backend.Created}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := storeOn(testdb.Postgres(t))
			m := storetest.Create[rental](t, db, storetest.Options{})
			storetest.Exec(t, db, c.before)
			var rows []backend.Record
			for id := range int64(100) {
				rows = append(rows, m.Record(1, rental{id, "same"}))
			}
			rows[50] = between(rows[50], func() { storetest.Exec(t, db, c.between) })
			tx := begin(t, db)
			var outcomes []backend.Outcome
			for from := range []int{0, 1} { // the second page finds all rows right
				var err error
				outcomes, err = tx.Write(t.Context(), m.Table, nil, rows)
				require.NoError(t, err)
				if from == 0 {
					require.Equal(t, c.changes, [2]backend.Change{outcomes[40].Change, outcomes[41].Change})
					require.Equal(t, backend.Created, outcomes[42].Change)
				}
			}
			require.Equal(t, backend.Unchanged, outcomes[42].Change)
			require.NoError(t, tx.Commit(t.Context()))
			require.Equal(t, int64(100), storetest.Value[int64](t, db, "SELECT count(*) FROM rentals WHERE name = 'same'"))
		})
	}
}
