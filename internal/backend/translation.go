package backend

import "cmp"

// Translations is a table of the texts of another table's rows, one row per row
// and locale.
type Translations struct {
	Name string
	// Journaled is that of a [Table].
	Journaled bool
	// Parent and Locale are the columns that identify a row, "" for the defaults: see
	// [Translations.ParentColumn].
	Parent, Locale string
	// Touch and Created are the columns for the time of a write, as those of the [Table].
	Touch, Created TimeColumn
	// ParentKind is the kind of key that the parent's column keeps.
	ParentKind Kind
	// Columns are those of the texts, in the order of Translation.Texts.
	Columns []string
	// Types are the database's own names of the types of the parent's column, the
	// locale's, and those of the texts.
	Types []string
}

// ParentColumn returns the column of the local key of a text's row.
func (t *Translations) ParentColumn() string { return cmp.Or(t.Parent, TranslationParent) }

// LocaleColumn returns the column of a text's locale.
func (t *Translations) LocaleColumn() string { return cmp.Or(t.Locale, TranslationLocale) }

// The columns of a table of translations that identify a row, where none are declared.
const (
	TranslationParent = "parent_id"
	TranslationLocale = "locale"
)

// Translation is one row of such a table.
type Translation struct {
	Parent ID // local key of the row whose texts they are
	Locale string
	Texts  []*string
	// New reports whether there was no such row a moment ago.
	New bool
}
