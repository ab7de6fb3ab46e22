"""What a file says about itself: names, encodings, formats, repetition, money, pace."""
