package peer

import (
	"context"
	"errors"
	"net/http"
)

// pushSnapshot sends all rows, and returns the position after which changes follow.
func (c *Client) pushSnapshot(ctx context.Context, handler Remote, r *Result) (from int64, err error) {
	for at := ""; ; {
		page, err := c.peer.Snapshot(ctx, handler, at)
		if err == nil {
			err = c.call(ctx, http.MethodPost, "snapshot", nil, page, &r.Ours)
		}
		if err != nil {
			return 0, err
		}
		r.Pushed += len(page.Rows)
		if at = page.Next; at == "" {
			return page.From, nil
		}
	}
}

// pullSnapshot gets all rows, and resumes where an earlier exchange was killed.
func (c *Client) pullSnapshot(ctx context.Context, handler Remote, r *Result) error {
	s, _, err := standingOf(ctx, c.peer.db, handler.GUID)
	at := ""
	if s.snapshot == receiving {
		at = s.cursor
	}
	for err == nil {
		var page Page
		if err = c.call(ctx, http.MethodGet, "snapshot", map[string]string{"cursor": at}, nil, &page); err == nil {
			err = c.peer.AcceptPage(ctx, handler, &page)
		}
		if err == nil {
			r.Pulled += len(page.Rows)
			if at = page.Next; at == "" {
				return nil
			}
		}
	}
	return err
}

// overtaken reports whether a snapshot was refused because another exchange has brought the other
// side further meanwhile.
func overtaken(err error) bool {
	return errors.As(err, new(*PositionError)) || errors.As(err, new(*PageError))
}
