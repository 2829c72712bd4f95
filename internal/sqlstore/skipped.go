package sqlstore

import "context"

// skipped is why a row is not as a statement without an error should have made it.
type skipped string

// Statements that a table skips.
const (
	skippedInsert skipped = "no row was inserted, and no error raised: a trigger of the table skips it"
	skippedUpdate skipped = "its row was not updated, and no error raised: a trigger or row level security of the table skips it"
)

func (s skipped) Error() string { return string(s) }

// giveUp refuses the rows that are not as they should be, whatever was tried: those that
// are there and no UPDATE changes, and those that no INSERT adds.
func (w *writer) giveUp(ctx context.Context, pending []int) error {
	there, err := w.existing(ctx, pending)
	if err != nil {
		return err
	}
	var absent []int
	for _, i := range pending {
		if _, ok := there[w.records[i].ID]; !ok {
			absent = append(absent, i)
			continue
		}
		r, err := bisection{w.page}.refuse(ctx, i, skippedUpdate)
		if err != nil {
			return err
		}
		w.refuse([]refusal{r})
	}
	refused, err := inserter{w.page}.conflict(ctx, absent)
	w.refuse(refused)
	return err
}
