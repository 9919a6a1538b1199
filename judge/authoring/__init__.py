"""What authors of an exercise use: record, check, draw, fuzz, mutate. Grading needs nothing from here but fuzz."""
