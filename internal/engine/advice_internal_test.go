package engine

import (
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
)

func TestAboutTables(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"42501": "grant the role what it lacks: a run needs SELECT, INSERT, UPDATE and DELETE",
		"42703": "no longer what synced.New found",
		"42P01": "no longer what synced.New found",
		"42883": "no longer what synced.New found",
		"25006": "open the store on the primary",
		"55P03": "raise lock_timeout",
		"53100": "make room on the disk",
	} {
		require.Contains(t, aboutTables(fmt.Errorf("write: %w", &pgconn.PgError{Code: code, Message: "things"})), want, code)
	}
	hidden := &pgconn.PgError{Code: "42501", Message: `new row violates row-level security policy for table "things"`}
	require.Contains(t, aboutTables(hidden), "give the role policies")
	require.Contains(t, aboutTables(&pgconn.PgError{Code: "42P01", Message: `relation "synced_runs" does not exist`}), "call Migrate")
	require.Contains(t, aboutTables(errors.New("sqlite3: SQL logic error: no such table: crm_synced_runs")), "call Migrate")
	require.Contains(t, aboutTables(&pgconn.PgError{Code: "57014", Message: "canceling statement due to statement timeout"}), "raise statement_timeout")
	require.Empty(t, aboutTables(&pgconn.PgError{Code: "57014", Message: "canceling statement due to user request"}))
	require.Empty(t, aboutTables(&pgconn.PgError{Code: "57P01"}))
	require.Empty(t, aboutTables(errors.New("canceled")))
}
