"""What a file is and how its values come out."""
