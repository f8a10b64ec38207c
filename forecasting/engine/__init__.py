"""Pure arithmetic: DataFrame in, DataFrame out. Imports nothing of ours."""
