package harness

// Unscoped is a model whose whole table is the scope.
type Unscoped struct {
	SyncedID int64  `json:"id" db:"synced_id"`
	Name     string `json:"name" db:"name"`
}
