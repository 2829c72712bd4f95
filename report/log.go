package report

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/syncedgo/synced/internal/shown"
)

var (
	_ slog.LogValuer = Counts{}
	_ slog.LogValuer = Result{}
)

// LogValue returns the counts as attributes by the names of their fields, such as
// "created". Quarantined and Older are left out where they are 0.
func (c Counts) LogValue() slog.Value { return slog.GroupValue(c.attrs()...) }

func (c Counts) attrs() []slog.Attr {
	list := []slog.Attr{
		slog.Int("created", c.Created), slog.Int("updated", c.Updated), slog.Int("unchanged", c.Unchanged),
		slog.Int("removed", c.Removed), slog.Int("restored", c.Restored),
	}
	if c.Quarantined > 0 {
		list = append(list, slog.Int("quarantined", c.Quarantined))
	}
	if c.Older > 0 {
		list = append(list, slog.Int("older", c.Older))
	}
	return list
}

// LogValue returns the result as attributes: the counts, those of children in a group
// by table, what the run cost, and what else there is to tell. What is the remote's in
// them is escaped where it is not plain text.
func (r Result) LogValue() slog.Value {
	list := append(r.attrs(), slog.Int("records", r.Records), slog.Int("pages", r.Pages),
		slog.Int("requests", r.Requests), slog.Int64("bytes", r.Bytes), slog.Duration("duration", r.Duration))
	if len(r.Children) > 0 {
		var tables []slog.Attr
		for _, table := range slices.Sorted(maps.Keys(r.Children)) {
			tables = append(tables, slog.Any(table, r.Children[table].LogValue()))
		}
		list = append(list, slog.GroupAttrs("children", tables...))
	}
	if !r.Since.IsZero() {
		list = append(list, slog.Time("since", r.Since))
	}
	if !r.StoredTime.IsZero() {
		list = append(list, slog.Time("stored_time", r.StoredTime))
	}
	for _, text := range []struct{ key, value string }{
		{"complete", r.Complete}, {"time_source", r.TimeSource}, {"not_stored", r.NotStored}, {"stopped", r.Stopped},
	} {
		if text.value != "" {
			list = append(list, slog.String(text.key, shown.Text(text.value)))
		}
	}
	for _, flag := range []struct {
		key string
		set bool
	}{{"not_modified", r.NotModified}, {"stored_position", r.StoredPosition}, {"resumed", r.Resumed}, {"listed_nothing", r.ListedNothing}, {"gone", r.Gone}} {
		if flag.set {
			list = append(list, slog.Bool(flag.key, true))
		}
	}
	if r.Tombstones > 0 {
		list = append(list, slog.Int("tombstones", r.Tombstones))
	}
	if len(r.Unknown) > 0 {
		list = append(list, slog.String("unknown", shown.Text(fmt.Sprint(r.Unknown))))
	}
	if r.Refused != nil {
		list = append(list, slog.Group("refused", slog.Int("rows", r.Refused.Rows), slog.Int("of", r.Refused.Of),
			slog.String("reason", shown.Text(r.Refused.Reason)), slog.String("plan", r.Refused.Plan)))
	}
	if len(r.NotDeleted) > 0 {
		list = append(list, slog.String("not_deleted", shown.Text(fmt.Sprint(r.NotDeleted))))
	}
	if r.Diff != nil {
		list = append(list, slog.String("diff", shown.Text(r.Diff.Summary())))
	}
	return slog.GroupValue(list...)
}
