package sqlitedriver

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/ncruces/go-sqlite3"
)

// ErrPanicked is the error of a statement in which SQLite panicked, as it does where
// memory runs out.
var ErrPanicked = errors.New("SQLite gave up, most likely since the statement's values take too much memory")

// Conn is a connection that panics on nothing: a panic inside of database/sql would
// leave its locks, and the transaction, for ever. One that gave up is closed, unless
// it is in memory.
type Conn struct {
	own    *sqlite3.Conn
	path   string
	broken bool
	after  string // what follows the end of the transaction
	kept   kept
	// written counts what was written before the transaction, and commit is prepared for
	// its end.
	written int64
	commits *Commits
	commit  *sqlite3.Stmt
}

var (
	_ driver.Conn               = (*Conn)(nil)
	_ driver.ConnBeginTx        = (*Conn)(nil)
	_ driver.ConnPrepareContext = (*Conn)(nil)
	_ driver.ExecerContext      = (*Conn)(nil)
	_ driver.NamedValueChecker  = (*Conn)(nil)
	_ driver.Validator          = (*Conn)(nil)
)

// recovered is deferred by each call of SQLite.
func (c *Conn) recovered(err *error) {
	if p := recover(); p != nil {
		c.broken = true
		*err = fmt.Errorf("%w: %v", ErrPanicked, p)
	}
}

// interruptible lets a context end statements, until the function that it returns
// is called.
func (c *Conn) interruptible(ctx context.Context) func() {
	old := c.own.SetInterrupt(ctx)
	return func() { c.own.SetInterrupt(old) }
}

// Do gives SQLite's own connection to a function. Its statements end with the context.
func (c *Conn) Do(ctx context.Context, do func(*sqlite3.Conn) error) (err error) {
	defer c.recovered(&err)
	defer c.interruptible(ctx)()
	return do(c.own)
}

// Raw returns SQLite's own connection.
func (c *Conn) Raw() *sqlite3.Conn { return c.own }

// IsValid reports whether the connection may be used again.
func (c *Conn) IsValid() bool { return c.path == "" || !c.broken }

// Close closes the connection. It leaves the file open if another library came by:
// that one would lose its locks.
func (c *Conn) Close() (err error) {
	defer c.recovered(&err)
	if !c.broken && Alone(c.path) != nil {
		keepOpen(c.own)
		return nil
	}
	if c.commit != nil {
		_ = c.commit.Close() // its error is that of its last use
	}
	for text := range c.kept {
		err = errors.Join(err, c.forget(text))
	}
	return errors.Join(err, c.own.Close())
}

// Begin is not called: there is BeginTx.
func (c *Conn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

// BeginTx opens a transaction that writes, and waits for the one that is open. It
// tells a context that has a method Begun.
func (c *Conn) BeginTx(ctx context.Context, o driver.TxOptions) (_ driver.Tx, err error) {
	defer c.recovered(&err)
	begin, after := "BEGIN IMMEDIATE", ""
	switch sql.IsolationLevel(o.Isolation) {
	case sql.LevelDefault, sql.LevelSerializable:
		if o.ReadOnly {
			begin, after = "BEGIN; PRAGMA query_only = on", "; PRAGMA query_only = off"
		}
	case sql.LevelLinearizable:
		begin = "BEGIN EXCLUSIVE"
	default:
		return nil, fmt.Errorf("SQLite has no isolation level %q; want the default one", sql.IsolationLevel(o.Isolation))
	}
	defer c.interruptible(ctx)()
	if err := c.together(begin); err != nil {
		return nil, err
	}
	c.after, c.written = after, c.own.TotalChanges()
	if b, ok := ctx.(interface{ Begun() }); ok {
		b.Begun()
	}
	return transaction{c}, nil
}

// PrepareContext prepares one statement.
func (c *Conn) PrepareContext(ctx context.Context, query string) (_ driver.Stmt, err error) {
	defer c.recovered(&err)
	defer c.interruptible(ctx)()
	own, err := c.prepare(query)
	if err != nil {
		return nil, err
	}
	return &statement{own: own, c: c}, nil
}

// Prepare is not called: there is PrepareContext.
func (c *Conn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// ExecContext runs statements without values. Those with values are prepared.
func (c *Conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (_ driver.Result, err error) {
	if len(args) > 0 {
		return nil, driver.ErrSkip
	}
	defer c.recovered(&err)
	defer c.interruptible(ctx)()
	c.own.SetLastInsertRowID(0)
	if err := c.own.Exec(query); err != nil {
		return nil, err
	}
	return c.result(), nil
}

// CheckNamedValue takes each value: the statement that is prepared for them checks it.
func (c *Conn) CheckNamedValue(*driver.NamedValue) error { return nil }

// result returns what the last statement did.
func (c *Conn) result() result {
	r := result{rows: c.own.Changes()}
	if r.rows > 0 {
		r.id = c.own.LastInsertRowID()
	}
	return r
}

type result struct{ id, rows int64 }

func (r result) LastInsertId() (int64, error) { return r.id, nil }

func (r result) RowsAffected() (int64, error) { return r.rows, nil }

type transaction struct{ c *Conn }

// Commit ends the transaction, also where it can't be committed.
func (t transaction) Commit() (err error) {
	defer t.c.recovered(&err)
	t.c.beforeCommit()
	if err = t.c.together("COMMIT" + t.c.after); err != nil && !t.c.own.GetAutocommit() {
		err = errors.Join(err, t.Rollback())
	}
	return err
}

// beforeCommit runs the statement for the end of transactions that wrote.
func (c *Conn) beforeCommit() {
	sql := c.commits.statement()
	if sql == "" || c.own.GetAutocommit() || c.own.TotalChanges() == c.written {
		return
	}
	if c.commit == nil {
		c.commit, _, _ = c.own.Prepare(sql) // without its table, there is nothing to do
	}
	if c.commit != nil {
		_ = c.commit.Exec()
	}
}

// Rollback works when the context has ended, too.
func (t transaction) Rollback() (err error) {
	defer t.c.recovered(&err)
	defer t.c.interruptible(context.Background())()
	return t.c.together("ROLLBACK" + t.c.after)
}
