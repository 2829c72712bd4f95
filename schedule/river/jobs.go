package river

import (
	"fmt"

	queue "github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/syncedgo/synced/schedule"
)

// Queues and kinds of jobs.
const (
	runs  = "synced_run"
	ticks = "synced_tick"
)

const (
	// many is from how many scopes on a model has jobs of about batch scopes each, at most
	// twice as many.
	many  = 10_000
	batch = 50
	// lowest is River's lowest priority.
	lowest = 4
)

// run runs scopes of a model, those that are due.
type run struct {
	Model string `json:"model" river:"unique"`
	// Key tells jobs of a model apart: a scope and when its last run began, so that a job
	// of a process that died is not in the way for ever; or a span of time in which scopes
	// are due.
	Key    string   `json:"key" river:"unique"`
	Scopes []string `json:"scopes"`
}

// Kind names the job in River's table.
func (run) Kind() string { return runs }

// unfinished are the states in which a job keeps others with its key away.
var unfinished = []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateScheduled, rivertype.JobStateRetryable}

// tick looks for what is due.
type tick struct{}

// Kind names the job in River's table.
func (tick) Kind() string { return ticks }

// jobsOf makes jobs of what is due, in that order.
func jobsOf(list []schedule.Due) []queue.InsertManyParams {
	spans := map[string]int{} // how many scopes are due in each
	for _, d := range list {
		spans[d.Model+span(d)]++
	}
	jobs := []queue.InsertManyParams{}
	at := map[string]int{} // where the job of a span is
	for _, d := range list {
		key, scope := span(d), d.Scope.String()
		// Where very many are due at once, such as new ones, each can have its own job.
		if key == "" || spans[d.Model+key] > 2*batch {
			key = scope + " after " + d.Began.UTC().Format("2006-01-02T15:04:05.000Z07:00")
		} else if i, ok := at[d.Model+key]; ok {
			job := jobs[i].Args.(run)
			job.Scopes = append(job.Scopes, scope)
			jobs[i].Args = job
			continue
		}
		at[d.Model+key] = len(jobs)
		jobs = append(jobs, queue.InsertManyParams{Args: run{Model: d.Model, Key: key, Scopes: []string{scope}}, InsertOpts: &queue.InsertOpts{
			Queue: runs, MaxAttempts: 1, Priority: priorityOf(d), UniqueOpts: queue.UniqueOpts{ByArgs: true, ByState: unfinished},
		}})
	}
	return jobs
}

// priorityOf is the job's priority. A slice lets all that is due go first.
func priorityOf(d schedule.Due) int {
	if !d.Ended.IsZero() && d.Next.Equal(d.Ended) {
		return lowest
	}
	return min(d.Level+1, lowest)
}

// span names the time in which about a batch of a model's scopes are due, one of which is
// this one; "" for a model that has not many.
func span(d schedule.Due) string {
	if d.Of < many {
		return ""
	}
	return fmt.Sprintf("due in span %d", d.Next.UnixNano()/max(int64(d.Every)/int64(d.Of)*batch, 1))
}
