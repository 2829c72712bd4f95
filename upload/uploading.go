package upload

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

const (
	// firstBatch is how many rows the first batch of a table has.
	firstBatch = 500
	// mostFailures is how often the smallest batch fails before its rows are tried one by
	// one, where the server does not say that it refuses them.
	mostFailures = 3
)

// item is a change on its way: a row, or one that is gone.
type item struct {
	stored
	values []any // nil where it is gone
}

// upload sends the next batch of changes that the server has not heard of, in the order of
// their versions. It reports whether there were any.
func (s *stepping) upload(ctx context.Context, server stateOf) (sent bool, err error) {
	size := s.state.batch
	if size == 0 {
		size = firstBatch
	}
	size = min(max(size, int64(s.c.o.Smallest)), int64(s.c.o.Largest))
	b, some, err := s.next(ctx, server, size)
	if err != nil || len(b.items) == 0 {
		return some, err
	}
	wait := s.readAhead(ctx, b, min(grown(size), int64(s.c.o.Largest)))
	defer wait()
	began := time.Now()
	err = s.post(ctx, b.body)
	if err == nil {
		s.result.count(b.items)
		return true, s.sent(ctx, size, len(b.items), time.Since(began))
	}
	return true, s.failed(ctx, b.items, err)
}

func (r *Result) count(items []item) {
	for _, one := range items {
		if one.gone {
			r.Removed++
		} else {
			r.Uploaded++
		}
	}
}

// next returns the next batch: the one that was read ahead, or one that is read now. A row that changed
// after it was noted is noted again, and goes with a later batch.
func (s *stepping) next(ctx context.Context, server stateOf, size int64) (b batch, some bool, err error) {
	if b, ok := s.c.takeAhead(s, server.version, size); ok {
		return b, true, nil
	}
	items, other, err := s.load(ctx, server.version, size)
	if err != nil || len(items)+len(other) == 0 {
		return b, false, err
	}
	if len(other) > 0 {
		n := &noticing{db: s.c.db, table: s.table, local: s.local, state: s.state}
		err = s.state.write(ctx, s.c.db, func(ctx context.Context, tx writer, c changes) error {
			return n.refresh(ctx, tx, c, other)
		})
		s.result.Noted += n.noted
	}
	return s.batchOf(server.version, items), true, err
}

// load reads the changes after a version with their rows, and the keys of rows that have changed since
// they were noted.
func (s *stepping) load(ctx context.Context, version, size int64) (items []item, other []string, err error) {
	list, err := s.state.after(ctx, s.c.db, version, size)
	if err != nil {
		return nil, nil, err
	}
	keys := make([]string, 0, len(list))
	for _, one := range list {
		if !one.gone {
			keys = append(keys, one.key)
		}
	}
	rows, err := s.local.byKeys(ctx, s.c.db, keys)
	if err != nil {
		return nil, nil, err
	}
	there := make(map[string]row, len(rows))
	for _, r := range rows {
		there[r.key] = r
	}
	items = make([]item, 0, len(list))
	for _, one := range list {
		r, ok := there[one.key]
		switch {
		case one.gone:
			items = append(items, item{stored: one})
		case ok && r.hash == one.hash:
			items = append(items, item{one, r.values})
		default:
			other = append(other, one.key)
		}
	}
	return items, other, nil
}

// encode writes the body of an upload, and returns how many of the items it has: as many
// as a body may have bytes.
func (s *stepping) encode(items []item) (body []byte, n int) {
	columns := s.local.mark.shape.Columns
	by := -1
	if of, ok := s.table.Changes.(UpdatedAt); ok {
		by = s.local.mark.shape.index(of.Column)
	}
	var greatest time.Time
	var gone []byte
	b := append(make([]byte, 0, min(s.c.o.MostBytes+1<<16, 1<<20)), `{"columns":[`...)
	for i, c := range columns {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendWire(b, c.Name)
	}
	b = append(b, `],"rows":[`...)
	first := true
	for n < len(items) && (n == 0 || len(b)+len(gone) < s.c.o.MostBytes) {
		one := items[n]
		n++
		if one.gone {
			if gone != nil {
				gone = append(gone, ',')
			}
			gone = append(strconv.AppendInt(append(gone, '['), one.version, 10), ',')
			gone = append(append(gone, one.key...), ']')
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = strconv.AppendInt(append(b, '['), one.version, 10)
		for _, v := range one.values {
			b = appendWire(append(b, ','), v)
		}
		b = append(b, ']')
		if by >= 0 {
			if at, ok := one.values[by].(time.Time); ok && at.After(greatest) {
				greatest = at
			}
		}
	}
	b = append(append(append(b, `],"gone":[`...), gone...), `],"through":`...)
	if n == 0 {
		b = append(b, '0')
	} else {
		b = strconv.AppendInt(b, items[n-1].version, 10)
	}
	if !greatest.IsZero() {
		b = appendWire(append(b, `,"time":`...), greatest.UTC())
	}
	return append(b, '}'), n
}

func (s *stepping) post(ctx context.Context, body []byte) error {
	_, _, err := s.remote.summary(ctx, http.MethodPost, "", body, "")
	return err
}

// sent notes a batch that went well. Batches grow by a quarter at most, and shrink at once
// to what the target's time is enough for.
func (s *stepping) sent(ctx context.Context, size int64, n int, took time.Duration) error {
	next := size
	if fits := int64(float64(n) * s.c.o.Target.Seconds() / max(took.Seconds(), 1e-3)); int64(n) >= size || fits < size {
		next = min(grown(size), fits)
	}
	return s.resize(ctx, next, 0)
}

func grown(size int64) int64 { return size + size/4 + 1 }

// resize keeps the size of the next batch, and how often in a row the smallest failed.
func (s *stepping) resize(ctx context.Context, size, failed int64) error {
	size = min(max(size, int64(s.c.o.Smallest)), int64(s.c.o.Largest))
	if s.state.agreed && s.state.batch == size && s.state.failed == failed {
		return nil
	}
	return s.state.write(ctx, s.c.db, func(context.Context, writer, changes) error {
		s.state.agreed, s.state.batch, s.state.failed = true, size, failed
		return nil
	})
}
