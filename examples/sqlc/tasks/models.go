// In the form that sqlc generates from query.sql and schema.sql; sqlc generate writes it again.

package tasks

type Task struct {
	RentalID int64
	Title    string
}
