package rows

import (
	"math"
	"strconv"
	"strings"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/internal/model"
	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/report"
)

// Fields lists the columns in which a stored row and a mapped one differ.
func Fields(m *model.Model, s Stored, mapped backend.Row) ([]report.Field, error) {
	var fields []report.Field
	for _, c := range m.Table.Differences(s.Row, s.Misfits, mapped) {
		f := report.Field{Column: m.Table.Columns[c].Name}
		var err error
		if f.Local, err = s.column(c); err != nil {
			return nil, err
		}
		if f.Remote, err = backend.Plain(mapped.Pointers[c]); err != nil {
			return nil, err
		}
		fields = append(fields, f)
	}
	fields = append(fields, textFields(m, s.Row, mapped)...)
	if s.Canceled {
		fields = append(fields, report.Field{Column: m.Table.Canceled, Local: "canceled"})
	}
	return fields, nil
}

// textFields lists the translations in which a row, read with its own, differs, as
// "headline.en".
func textFields(m *model.Model, stored, mapped backend.Row) []report.Field {
	if m.Table.Translations == nil {
		return nil
	}
	value := func(text *string) any {
		if text == nil {
			return nil
		}
		return *text
	}
	var fields []report.Field
	old, now := m.Plan.Translations(stored.Value), m.Plan.Translations(mapped.Value)
	for c, column := range m.Table.Translations.Columns {
		for _, locale := range Locales(old[c:c+1], now[c:c+1]) {
			if a, b := old[c][locale], now[c][locale]; !plan.SameTranslation(a, b) {
				fields = append(fields, report.Field{Column: column + "." + locale, Local: value(a), Remote: value(b)})
			}
		}
	}
	return fields
}

// ByColumn returns a row by its columns.
func ByColumn(m *model.Model, s Stored) (report.Row, error) {
	row := report.Row{}
	for c, column := range m.Table.Columns {
		v, err := s.column(c)
		if err != nil {
			return nil, err
		}
		row[column.Name] = v
	}
	return row, nil
}

// column returns what a column holds, in a form that JSON has.
func (s Stored) column(c int) (any, error) {
	if held, misfit := s.Misfits[c]; misfit {
		return held, nil
	}
	v, err := backend.Plain(s.Row.Pointers[c])
	switch x := v.(type) {
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return strconv.FormatFloat(x, 'g', -1, 64), err
		}
	case string:
		return strings.ToValidUTF8(x, "\uFFFD"), err
	}
	return v, err
}
