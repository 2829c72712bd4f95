package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/internal/migrationfiles"
)

// migratedJSON is what migrate did.
type migratedJSON struct {
	Done string `json:"done"`
}

// schemaJSON is the DDL of a model.
type schemaJSON struct {
	SQL string `json:"sql"`
}

// migrate is the name of the command that the others send to.
const migrate = "migrate"

func migrateCommand(a *app) *cobra.Command {
	var shows bool
	var dir, tool string
	cmd := &cobra.Command{Use: migrate, Short: "Bring synced's own tables up to date, or write migration files", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		if !shows && dir == "" {
			if err := a.registry.DB.Migrate(cmd.Context()); err != nil {
				return err
			}
			return a.done(migratedJSON{"migrated"}, "synced's own tables are up to date")
		}
		list, err := synced.MigrationsOf(a.registry.DB)
		if err != nil {
			return err
		}
		return migrationfiles.Write(a.out, list, tool, dir, a.now)
	}}
	cmd.Flags().BoolVar(&shows, "print", false, "print the SQL of all of them, and do nothing")
	cmd.Flags().StringVar(&dir, "dir", "", "write those that this folder of the service's migrations lacks, and do nothing else")
	cmd.Flags().StringVar(&tool, "tool", "goose", "whose files they are: "+migrationfiles.Tools)
	cmd.MarkFlagsMutuallyExclusive("print", "dir")
	return cmd
}

func schemaCommand(a *app) *cobra.Command {
	return a.ofModels("schema", "Print the DDL of the models", func(cmd *cobra.Command, args []string) error {
		var texts []string
		if len(a.registry.Declared) > 0 && len(args) == 0 {
			for _, d := range a.registry.Declared {
				text, err := d.Schema(a.registry.DB)
				if err != nil {
					return err
				}
				texts = append(texts, text)
			}
		} else {
			list, err := a.named(cmd.Context(), args)
			if err != nil {
				return err
			}
			for _, m := range list {
				texts = append(texts, m.Schema())
			}
		}
		for _, text := range texts {
			var err error
			if a.json {
				err = a.object(schemaJSON{text})
			} else {
				_, err = fmt.Fprintln(a.out, text)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
