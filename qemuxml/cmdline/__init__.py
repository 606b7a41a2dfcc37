"""The command line as text: words, options and values, each with its place. Knows no device."""
