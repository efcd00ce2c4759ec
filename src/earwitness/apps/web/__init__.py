"""The page for people: drop a recording, read the verdict, listen to what it rests on."""
