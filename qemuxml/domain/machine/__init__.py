"""The machine: ``-machine pc,acpi=off -accel kvm`` fills ``<os>``, ``<features>`` and more; no element is its alone."""
