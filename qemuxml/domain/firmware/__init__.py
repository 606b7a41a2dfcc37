"""The firmware: ``-bios FILE``, or flash chips of ``-machine pflash0=`` and ``-drive if=pflash``; ``<os firmware=…>`` selects."""
