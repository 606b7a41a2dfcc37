"""``python -m qemuxml`` is the command ``qemuxml``."""

from qemuxml.cli import main

if __name__ == "__main__":
    main()
