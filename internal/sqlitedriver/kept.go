package sqlitedriver

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// mostKept is how many prepared statements a connection keeps, each with a text of up to
// longestKept bytes. Synced's own have some dozens of texts.
const mostKept, longestKept = 100, 4 << 10

// kept are prepared statements that wait for their next use, by their texts. Preparing them
// each time takes a third of a run that finds nothing new.
type kept map[string]*sqlite3.Stmt

// prepared is a statement in use.
type prepared struct {
	*sqlite3.Stmt
	text string
	// again reports whether it is kept for its next use.
	again bool
}

// allColumns is the star that stands for the columns of a table, and not between factors.
var allColumns = regexp.MustCompile(`(?i)(select|all|distinct|returning|[,.])\s*\*`)

// keepable reports whether a statement may be kept. Columns that stand for all of a table
// are found when the statement is prepared, and PRAGMA may do then what it does.
func keepable(text string) bool {
	if len(text) > longestKept || strings.Contains(text, "*") && allColumns.MatchString(text) {
		return false
	}
	verb, _, _ := strings.Cut(text, " ")
	switch verb {
	case "SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "BEGIN", "COMMIT", "ROLLBACK":
		return true
	default:
		return false
	}
}

// prepare returns a statement that was kept, or a new one. keep takes it back.
func (c *Conn) prepare(text string) (prepared, error) {
	if own, ok := c.kept[text]; ok {
		delete(c.kept, text)
		return prepared{own, text, true}, nil
	}
	again := keepable(text)
	var flags sqlite3.PrepareFlag
	if again {
		flags = sqlite3.PREPARE_PERSISTENT
	}
	own, tail, err := c.own.PrepareFlags(text, flags)
	if err != nil {
		return prepared{}, err
	}
	if own == nil {
		return prepared{}, errors.New("there is no statement in the text")
	}
	if tail != "" {
		if more, _, err := c.own.Prepare(tail); more != nil || err != nil {
			return prepared{}, errors.Join(errors.New("more than one statement: only Exec without values takes several"), more.Close(), own.Close())
		}
	}
	return prepared{own, text, again}, nil
}

// keep keeps a statement for its next use, or closes it.
func (c *Conn) keep(own prepared) error {
	if _, twice := c.kept[own.text]; twice || c.broken || !own.again {
		return own.Close()
	}
	_ = own.Reset() // its error is that of the last step
	if err := own.ClearBindings(); err != nil {
		return errors.Join(err, own.Close())
	}
	if len(c.kept) >= mostKept {
		for other := range c.kept { // any of them
			if err := c.forget(other); err != nil {
				return errors.Join(err, own.Close())
			}
			break
		}
	}
	c.kept[own.text] = own.Stmt
	return nil
}

// forget closes a statement that is kept.
func (c *Conn) forget(text string) error {
	own := c.kept[text]
	delete(c.kept, text)
	return own.Close()
}

// together executes what begins or ends a transaction, one statement or two.
func (c *Conn) together(text string) error {
	if strings.Contains(text, ";") {
		return c.own.Exec(text)
	}
	own, err := c.prepare(text)
	if err != nil {
		return err
	}
	return errors.Join(own.Exec(), c.keep(own))
}

// Prepared gives a prepared statement to a function. It ends with the
// context, and is no longer the function's when that returns.
func (c *Conn) Prepared(ctx context.Context, text string, do func(*sqlite3.Conn, *sqlite3.Stmt) error) (err error) {
	defer c.recovered(&err)
	defer c.interruptible(ctx)()
	own, err := c.prepare(text)
	if err != nil {
		return err
	}
	panicked := true
	defer func() {
		if panicked {
			_ = own.Close() // the error is that of the panic
		}
	}()
	err = do(c.own, own.Stmt)
	panicked = false
	return errors.Join(err, c.keep(own))
}
