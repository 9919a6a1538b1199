"""Reports: as JSON and back, redacted for learners, and in every format."""
