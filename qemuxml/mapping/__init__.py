"""The words in which kinds declare themselves, and the engines behind them. Knows no device."""
