"""What tests of several folders are made with."""
