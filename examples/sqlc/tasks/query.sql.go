// In the form that sqlc generates from query.sql and schema.sql; sqlc generate writes it again.

package tasks

import (
	"context"
)

const addTask = `-- name: AddTask :exec
INSERT INTO tasks (rental_id, title) VALUES ($1, $2)
`

type AddTaskParams struct {
	RentalID int64
	Title    string
}

func (q *Queries) AddTask(ctx context.Context, arg AddTaskParams) error {
	_, err := q.db.ExecContext(ctx, addTask, arg.RentalID, arg.Title)
	return err
}

const listTasks = `-- name: ListTasks :many
SELECT rental_id, title FROM tasks ORDER BY rental_id, title
`

func (q *Queries) ListTasks(ctx context.Context) ([]Task, error) {
	rows, err := q.db.QueryContext(ctx, listTasks)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var items []Task
	for rows.Next() {
		var i Task
		if err := rows.Scan(&i.RentalID, &i.Title); err != nil {
			return nil, err
		}
		items = append(items, i)
	}
	if err := rows.Close(); err != nil {
		return nil, err
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return items, nil
}
