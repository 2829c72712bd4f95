package backend

// Translations is a table of the texts of another table's rows, one row per row
// and locale.
type Translations struct {
	Name string
	// ParentKind is the kind of key that the parent's column keeps.
	ParentKind Kind
	// Columns are those of the texts, in the order of Translation.Texts.
	Columns []string
	// Types are the database's own names of the types of the parent's column, the
	// locale's, and those of the texts.
	Types []string
}

// The columns of each table of translations that identify a row.
const (
	TranslationParent = "parent_id"
	TranslationLocale = "locale"
)

// Translation is one row of such a table.
type Translation struct {
	Parent ID // local key of the row whose texts they are
	Locale string
	Texts  []*string
}
