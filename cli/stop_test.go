package cli

func program() int { return 0 }

const asProgram = "SYNCED_CLI_AS_PROGRAM"
