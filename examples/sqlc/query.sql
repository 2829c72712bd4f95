-- name: AddTask :exec
INSERT INTO tasks (rental_id, title) VALUES ($1, $2);

-- name: ListTasks :many
SELECT rental_id, title FROM tasks ORDER BY rental_id, title;
