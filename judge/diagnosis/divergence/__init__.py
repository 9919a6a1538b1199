"""Where a run first differs from the reference's, stage by stage."""
