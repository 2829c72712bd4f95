package report

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"github.com/syncedgo/synced/internal/shown"
)

// Diff is how a scope differs from what the remote lists. It has a JSON form,
// and String is a table, in which what is not plain text stands escaped.
type Diff struct {
	Model string `json:"model"`
	Scope string `json:"scope,omitempty"` // "account_id 42"
	// Compared is how many records the remote listed.
	Compared int `json:"compared"`
	// Missing records are listed by the remote and have no row.
	Missing []Missing `json:"missing"`
	// Additional rows are not listed by the remote.
	Additional []Additional `json:"additional"`
	// Changed rows have other values in managed columns.
	Changed []Changed `json:"changed"`
	// Invalid records can't be mapped, and a run would quarantine them. They are
	// neither missing nor changed, and their rows not additional.
	Invalid []Invalid `json:"invalid,omitempty"`
	// Older records are older than their rows, which a run would leave as they are.
	// They are neither missing nor changed.
	Older []Older `json:"older,omitempty"`
	// Doubt says why additional rows may exist remotely after all: the remote may not
	// have listed everything, or was to be asked for them, and a check does not ask.
	Doubt string `json:"doubt,omitempty"`
}

// Passed reports whether nothing differs in what was compared. Doubt, Invalid and
// Older tell whether that was everything.
func (d *Diff) Passed() bool {
	return len(d.Missing) == 0 && len(d.Additional) == 0 && len(d.Changed) == 0
}

// Summary returns the diff in one line.
func (d *Diff) Summary() string {
	s := fmt.Sprintf("%d compared, nothing differs", d.Compared)
	if !d.Passed() {
		s = fmt.Sprintf("%d compared: %d missing, %d additional, %d changed", d.Compared, len(d.Missing), len(d.Additional), len(d.Changed))
	}
	if len(d.Invalid) > 0 {
		s += fmt.Sprintf(", %d invalid", len(d.Invalid))
	}
	if len(d.Older) > 0 {
		s += fmt.Sprintf(", %d older than their rows", len(d.Older))
	}
	return s
}

// String returns the diff as a table, with a line for each column that differs.
func (d *Diff) String() string {
	var b strings.Builder
	add := func(text string) { b.WriteString(shown.Text(text) + "\n") }
	title := d.Model
	if d.Scope != "" {
		title += " (" + d.Scope + ")"
	}
	add(title + ": " + d.Summary())
	if d.Doubt != "" {
		add("note: " + d.Doubt)
	}
	for _, i := range d.Invalid {
		add("invalid: record " + i.ID + ": " + i.Error)
	}
	for _, o := range d.Older {
		add("older: record " + o.ID + ": its row has a newer version")
	}
	if d.Passed() {
		return b.String()
	}
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	line := func(cells ...string) {
		for i, c := range cells {
			cells[i] = shown.Text(c)
		}
		fmt.Fprintln(w, "  "+strings.Join(cells, "\t"))
	}
	line("", "remote id", "column", "local", "remote")
	for _, m := range d.Missing {
		line("missing", m.ID, "", "–", cell(m.Object))
	}
	for _, a := range d.Additional {
		line("additional", a.ID, "", cell(a.Row), "–")
	}
	for _, c := range d.Changed {
		for _, f := range c.Fields {
			line("changed", c.ID, f.Column, cell(f.Local), cell(f.Remote))
		}
	}
	_ = w.Flush() // into a strings.Builder
	return b.String()
}

// cell is a value as the table shows it: JSON, cut to 48 characters.
func cell(v any) string {
	const most = 48
	switch x := v.(type) {
	case time.Time:
		v = x.UTC().Format(time.RFC3339Nano)
	case string:
		if strings.HasPrefix(x, "{") || strings.HasPrefix(x, "[") {
			return cut(x, most)
		}
	}
	text, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return cut(fmt.Sprint(v), most)
	}
	return cut(string(text), most)
}

// cut keeps the first characters of a text on one line.
func cut(s string, most int) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}
