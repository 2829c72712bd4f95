package main

import (
	"context"
	"database/sql"

	"gorm.io/gorm"
)

// Task is a row of the service's own table.
type Task struct {
	ID       int64
	RentalID int64
	Title    string
}

// tasks is a repository of the service's.
type tasks struct{ db *gorm.DB }

// in returns the repository in a transaction that is open. What GORM begins in it,
// such as db.Transaction, is a savepoint.
func (r tasks) in(ctx context.Context, tx *sql.Tx) tasks {
	db := r.db.Session(&gorm.Session{NewDB: true, Context: ctx})
	db.Statement.ConnPool = tx
	return tasks{db}
}

func (r tasks) add(t Task) error { return r.db.Create(&t).Error }

func (r tasks) list() (list []Task, err error) {
	return list, r.db.Order("rental_id, title").Find(&list).Error
}
