"""What the formats share. No format itself lives here."""
