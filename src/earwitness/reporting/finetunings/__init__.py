"""What a fine-tuning gained and lost, as a page, as text, as JSON and on a terminal."""
