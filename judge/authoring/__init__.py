"""The authors' tools: record, check, draw, fuzz, mutate. Grading uses nothing from here but fuzz."""
