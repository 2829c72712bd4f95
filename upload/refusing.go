package upload

import (
	"context"
	"errors"
	"net/http"

	"github.com/Masterminds/squirrel"
)

// failed decides what becomes of a batch that failed: a smaller one, or its rows one by
// one, if it is the smallest.
func (s *stepping) failed(ctx context.Context, items []item, err error) error {
	answer, answered := errors.AsType[*StatusError](err)
	if ctx.Err() != nil || answered && !answer.ofContent() && answer.Status < 500 {
		return err
	}
	refused := answered && answer.ofContent()
	// The server numbers rows before what is gone.
	if rows := rowsOf(items); refused && answer.row != nil && *answer.row < len(rows) {
		return s.refuse(ctx, rows[*answer.row], err)
	}
	if len(items) > s.c.o.Smallest {
		if kept := s.resize(ctx, int64(len(items)/2), 0); kept != nil || refused {
			return kept
		}
		return err
	}
	if failed := s.state.failed + 1; !refused && failed < mostFailures {
		return errors.Join(err, s.resize(ctx, int64(s.c.o.Smallest), failed))
	}
	if err := s.bisect(ctx, items, err); err != nil {
		return err
	}
	return s.resize(ctx, int64(s.c.o.Smallest), 0)
}

func rowsOf(items []item) (rows []item) {
	for _, one := range items {
		if !one.gone {
			rows = append(rows, one)
		}
	}
	return rows
}

// bisect sends halves of what failed, and halves of those that fail, down to the rows at
// fault.
func (s *stepping) bisect(ctx context.Context, items []item, why error) error {
	if len(items) == 1 {
		if answer, ok := errors.AsType[*StatusError](why); !ok || !answer.ofContent() {
			// A server that takes nothing at all says nothing about this row.
			empty, _ := s.encode(nil)
			if err := s.post(ctx, empty); err != nil {
				return err
			}
		}
		return s.refuse(ctx, items[0], why)
	}
	for _, half := range [][]item{items[:len(items)/2], items[len(items)/2:]} {
		for len(half) > 0 {
			body, n := s.encode(half)
			err := s.post(ctx, body)
			answer, answered := errors.AsType[*StatusError](err)
			switch {
			case err == nil:
				s.result.count(half[:n])
			case ctx.Err() != nil, answered && !answer.ofContent() && answer.Status < 500:
				return err
			default:
				if err := s.bisect(ctx, half[:n], err); err != nil {
					return err
				}
			}
			half = half[n:]
		}
	}
	return nil
}

// refuse sets a row aside: it no longer counts, until it changes.
func (s *stepping) refuse(ctx context.Context, one item, why error) error {
	text := why.Error()
	if answer, ok := errors.AsType[*StatusError](why); ok {
		if text = answer.Text; answer.Status == http.StatusRequestEntityTooLarge {
			text = "the row is larger than a request may be: make it smaller, leave a column out by Table.Columns, or raise HandlerOptions.MaxBytes"
		}
	}
	s.result.Refused = append(s.result.Refused, Refusal{one.key, text})
	return s.state.write(ctx, s.c.db, func(ctx context.Context, tx writer, c changes) error {
		there, err := s.state.at(ctx, tx, []position{one.pos})
		if err != nil {
			return err
		}
		now, ok := there[one.key]
		if !ok || !now.live() || now.version != one.version {
			return nil // it has changed meanwhile
		}
		c.remove(s.state.tree().salt, now.print)
		now.refused = text
		return s.state.keep(ctx, tx, []stored{now}, false)
	})
}

// Refused lists the rows of a table that are set aside, with what the server said.
func (c *Client) Refused(ctx context.Context, table string) ([]Refusal, error) {
	s := &state{table: table}
	list, err := s.prints(ctx, c.db, squirrel.Expr("refused <> '' AND gone = 0"), 1<<40)
	refused := make([]Refusal, len(list))
	for i, one := range list {
		refused[i] = Refusal{one.key, one.refused}
	}
	return refused, err
}
