"""What several tests share: factories, fakes, small exercises and strategies."""
