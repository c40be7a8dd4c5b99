"""The training wing: data, critics, losses, runs, evaluation and publishing."""
