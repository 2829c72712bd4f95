package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// atOnce is how many rows are in memory before the clock runs.
const atOnce = 50_000

// limitOf makes a run that writes the rows of this library's first sync, which
// are in memory, into the same table: by COPY in PostgreSQL, by a prepared insert
// and a transaction a page in SQLite. Only the writing is timed.
func limitOf(ctx context.Context, db *database, j job) (func(context.Context) (measurement, error), error) {
	from, err := connect(ctx, j, ours, false)
	if err != nil {
		return nil, err
	}
	write, read := copyRows, readPostgres
	if db.pool == nil {
		write, read = insertRows, readSQLite
	}
	return func(ctx context.Context) (measurement, error) {
		defer from.close()
		var m measurement
		columns := []string(nil)
		var rows [][]any
		flush := func() error {
			start := time.Now()
			err := write(ctx, db, columns, rows, j.Options.PerPage)
			m.Seconds += time.Since(start).Seconds()
			m.Records += len(rows)
			rows = rows[:0]
			return err
		}
		err := read(ctx, from, func(names []string, row []any) error {
			columns = names
			if rows = append(rows, row); len(rows) < atOnce {
				return nil
			}
			return flush()
		})
		if err == nil {
			err = flush()
		}
		if err == nil && m.Records != j.Options.Records {
			err = fmt.Errorf("%d rows, want %d: this library's first sync comes before", m.Records, j.Options.Records)
		}
		return m, err
	}, nil
}

func copyRows(ctx context.Context, db *database, columns []string, rows [][]any, _ int) error {
	_, err := db.pool.CopyFrom(ctx, pgx.Identifier{"rentals"}, columns, pgx.CopyFromRows(rows))
	return err
}

func insertRows(ctx context.Context, db *database, columns []string, rows [][]any, perPage int) error {
	if len(rows) == 0 {
		return nil
	}
	insert, err := db.sql.PrepareContext(ctx, "INSERT INTO rentals ("+strings.Join(columns, ", ")+") VALUES (?"+strings.Repeat(", ?", len(columns)-1)+")")
	if err != nil {
		return err
	}
	defer insert.Close()
	for page := range slices.Chunk(rows, perPage) {
		tx, err := db.sql.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		stmt := tx.StmtContext(ctx, insert)
		for _, row := range page {
			if _, err := stmt.ExecContext(ctx, row...); err != nil {
				_ = tx.Rollback()
				return err
			}
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	return nil
}

// readPostgres reads rows in the order in which they were written, without the
// column that the database fills. JSON stays the text that it is.
func readPostgres(ctx context.Context, db *database, each func([]string, []any) error) error {
	none, err := db.pool.Query(ctx, "SELECT * FROM rentals LIMIT 0")
	if err != nil {
		return err
	}
	none.Close()
	var columns, selected []string
	for _, f := range none.FieldDescriptions() {
		if f.Name == "id" {
			continue
		}
		columns = append(columns, f.Name)
		if f.DataTypeOID == pgtype.JSONOID || f.DataTypeOID == pgtype.JSONBOID || f.DataTypeOID == pgtype.NumericOID {
			f.Name += "::text"
		}
		selected = append(selected, f.Name)
	}
	rows, err := db.pool.Query(ctx, "SELECT "+strings.Join(selected, ", ")+" FROM rentals ORDER BY id")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row, err := rows.Values()
		if err != nil {
			return err
		}
		if err := each(columns, row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// readSQLite does the same. The sign makes an expression of each column, which has
// no type for the driver to make something of.
func readSQLite(ctx context.Context, db *database, each func([]string, []any) error) error {
	columns, err := db.columns(ctx)
	if err != nil {
		return err
	}
	rows, err := db.sql.QueryContext(ctx, "SELECT +"+strings.Join(columns, ", +")+" FROM rentals ORDER BY id")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row := make([]any, len(columns))
		pointers := make([]any, len(columns))
		for i := range row {
			pointers[i] = &row[i]
		}
		if err := rows.Scan(pointers...); err != nil {
			return err
		}
		if err := each(columns, row); err != nil {
			return err
		}
	}
	return rows.Err()
}
