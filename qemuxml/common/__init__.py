"""Parts that several kinds are made of, each with its XML and its properties together."""
