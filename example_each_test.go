package synced_test

import (
	"context"
	"fmt"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote/remotetest"
)

// The API lists the issues of one repository at a time.
func ExampleEach() {
	type Repo struct {
		ID       int64  `db:"id"`
		SyncedID int64  `json:"id" db:"synced_id"`
		PushedAt string `json:"pushed_at" db:"pushed_at"`
	}
	type Issue struct {
		SyncedID int64  `json:"id" db:"synced_id"`
		RepoID   int64  `db:"repo_id"`
		Title    string `json:"title" db:"title"`
	}
	ctx := context.Background()
	srv := remotetest.New(remotetest.Config{})
	defer srv.Close()
	srv.Collection("repos").Put(remotetest.Record{"id": 7, "pushed_at": "Monday"}, remotetest.Record{"id": 8, "pushed_at": "Monday"})
	srv.Collection("repos/7/issues").Put(remotetest.Record{"id": 1, "title": "It is slow"})
	srv.Collection("repos/8/issues").Put(remotetest.Record{"id": 1, "title": "It is too fast"})
	db := memory(ctx)
	defer db.Close()
	repos := create(ctx, db, synced.Synced[Repo]{Table: "repos", API: client(srv)})
	issues := create(ctx, db, synced.Synced[Issue]{Table: "issues", Scope: "repo_id", API: client(srv),
		PerParent: synced.Each(repos, "repos/{synced_id}/issues", synced.EachOptions{Due: "pushed_at"})})
	both := synced.Together(repos, issues)

	for range 2 {
		results, err := both.Synchronize(ctx, synced.NoScope)
		fmt.Println(results[1].Created, "issues;", results[1].Parents, err)
	}
	srv.Collection("repos").Update(8, remotetest.Record{"pushed_at": "Tuesday"})
	srv.Collection("repos/8/issues").Put(remotetest.Record{"id": 2, "title": "It is fine"})
	results, err := both.Synchronize(ctx, synced.NoScope)
	fmt.Println(results[1].Created, "issue;", results[1].Parents, err)
	// Output:
	// 2 issues; 2 asked, 0 skipped <nil>
	// 0 issues; 0 asked, 2 skipped <nil>
	// 1 issue; 1 asked, 1 skipped <nil>
}

// One parent is asked for by the local key of its row, as after a webhook.
func ExampleInParent() {
	type Repo struct {
		ID       int64 `db:"id"`
		SyncedID int64 `json:"id" db:"synced_id"`
	}
	type Issue struct {
		SyncedID int64  `json:"id" db:"synced_id"`
		RepoID   int64  `db:"repo_id"`
		Title    string `json:"title" db:"title"`
	}
	ctx := context.Background()
	srv := remotetest.New(remotetest.Config{})
	defer srv.Close()
	srv.Collection("repos").Put(remotetest.Record{"id": 7}, remotetest.Record{"id": 8})
	srv.Collection("repos/8/issues").Put(remotetest.Record{"id": 1, "title": "It is too fast"})
	db := memory(ctx)
	defer db.Close()
	repos := create(ctx, db, synced.Synced[Repo]{Table: "repos", API: client(srv)})
	issues := create(ctx, db, synced.Synced[Issue]{Table: "issues", Scope: "repo_id", API: client(srv),
		PerParent: synced.Each(repos, "repos/{synced_id}/issues")})

	synchronize(ctx, repos.Handle, synced.NoScope)
	repo, err := repos.Find(ctx, synced.NoScope, 8)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(synchronize(ctx, issues.Handle, synced.InParent(repo.ID)).Created, "issue")
	// Output: 1 issue
}
