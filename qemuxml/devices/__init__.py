"""One file per child of ``<devices>``; devices do not know each other."""
