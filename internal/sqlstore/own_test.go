package sqlstore_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/sqlstore"
)

func TestOwn_Fill(t *testing.T) {
	t.Parallel()
	plain, placed := sqlstore.Own{}, sqlstore.Own{Schema: `a"b`, Prefix: "x_"}
	for sql, want := range map[string][2]string{
		"":                          {"", ""},
		"SELECT 1":                  {"SELECT 1", "SELECT 1"},
		"FROM {synced_runs}":        {`FROM "synced_runs"`, `FROM "a""b"."x_synced_runs"`},
		"{synced_a}{synced_b} AS c": {`"synced_a""synced_b" AS c`, `"a""b"."x_synced_a""a""b"."x_synced_b" AS c`},
		"ON {index synced_i} x":     {`ON "synced_i" x`, `ON "x_synced_i" x`},
		`'{"a":{}}' {synced_runs}`:  {`'{"a":{}}' "synced_runs"`, `'{"a":{}}' "a""b"."x_synced_runs"`},
		"{synced_} {synced_A} {index runs} {synced_runs": {"{synced_} {synced_A} {index runs} {synced_runs", "{synced_} {synced_A} {index runs} {synced_runs"},
	} {
		require.Equal(t, want, [2]string{plain.Fill(sql), placed.Fill(sql)}, sql)
	}
}
