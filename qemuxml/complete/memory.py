"""What a guest's memory, CPUs, nodes and threads are completed to, and what contradicts itself among them."""

from __future__ import annotations

from qemuxml import layout
from qemuxml.common.sizes import in_bytes
from qemuxml.domain import Domain, boards, smp, tuning
from qemuxml.domain.memory import argv
from qemuxml.domain.numa import model as numa
from qemuxml.domain.vcpu import One
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.context import Target


def memory(domain: Domain, _: Target) -> None:
    """Complete and check. Raises DomainXmlError for what libvirt refuses."""
    _vcpus(domain)
    if domain.numa:
        numa.complete(domain.numa, domain.vcpu.count or 1)
        numa.check(domain.numa)
    if domain.tuning.numa:
        cells = [cell.id or 0 for cell in domain.numa.cells] if domain.numa else []
        tuning.check_numa(domain.tuning.numa, cells, domain.vcpu.placement)
    _iothreads(domain)
    argv.check_pages(domain)
    _hotplug(domain)
    _limits(domain)


def _vcpus(domain: Domain) -> None:
    vcpu = domain.vcpu
    vcpu.count = vcpu.count or 1
    if not 0 < vcpu.count < smp.MOST:
        raise DomainXmlError(f"<vcpu>: no guest has {vcpu.count} CPUs")
    most = boards.cpus.most(domain.os.arch, domain.os.machine)
    if most is not None and vcpu.count > most:
        raise UnsupportedError(f"<vcpu>{vcpu.count}</vcpu>: machine '{domain.os.machine}' has at most {most}")
    if vcpu.current is not None and not vcpu.each and not 0 < vcpu.current <= vcpu.count:
        raise DomainXmlError(f"<vcpu current='{vcpu.current}'>: there are {vcpu.count}")
    topology = domain.cpu.topology if domain.cpu else None
    if topology is not None:
        product = (topology.sockets or 1) * (topology.cores or 1) * (topology.threads or 1)
        product *= (topology.dies or 1) * (topology.clusters or 1)
        if product != vcpu.count:
            raise DomainXmlError(f"<topology> is for {product} CPUs, <vcpu> says {vcpu.count}")
    _each(vcpu.each, vcpu.count)


def _each(cpus: list[One], count: int) -> None:
    last = max((one.id or 0 for one in cpus), default=0)
    if last >= count:
        raise DomainXmlError(f"<vcpus>: there is no CPU {last}")
    if cpus and not any(one.id == 0 and one.enabled and not one.hotpluggable for one in cpus):
        raise DomainXmlError("<vcpus>: CPU 0 must be enabled, and cannot be hotpluggable")
    for one in cpus:
        if not one.enabled and one.hotpluggable is False:
            raise DomainXmlError(f"<vcpu id='{one.id}'>: a CPU that is neither enabled nor hotpluggable is none")
    fixed = [one.order for one in cpus if one.enabled and one.order and not one.hotpluggable]
    if cpus and any(one.id == 0 and (one.order or 1) != 1 for one in cpus):
        raise DomainXmlError("<vcpu id='0'>: it is the first one, order='1'")
    if fixed != sorted(fixed):
        raise DomainXmlError("<vcpus>: the order of the CPUs that stay is that of their numbers")
    if len({not one.order for one in cpus if one.enabled}) > 1:
        raise DomainXmlError("<vcpus>: either all CPUs that are enabled have an order, or none")


def _iothreads(domain: Domain) -> None:
    domain.iothreads.check()
    numbers = {thread.id for thread in domain.iothreads.all()}
    cputune = domain.tuning.cpu
    if cputune is None:
        return
    tuning.check_cpu(cputune, domain.vcpu.count or 1, accelerated=domain.identity.type == "kvm")
    named = {pin.iothread for pin in cputune.iothread_pins}
    named |= {number for item in cputune.iothread_schedulers for number in item.iothreads or ()}
    if named - numbers:
        raise DomainXmlError(f"<cputune>: there is no iothread {min(number or 0 for number in named - numbers)}")


def _limits(domain: Domain) -> None:
    """All memory, with that of the devices, is within what the guest may have."""
    memory = domain.memory
    total = argv.initial_size(domain) + sum(device.given_size() for device in argv.devices(domain))
    if memory.maximum and in_bytes(memory.maximum, memory.maximum_unit) < total:
        raise DomainXmlError("<maxMemory> is less than the guest's <memory>")
    if memory.tuning and memory.tuning.min_guarantee:
        raise UnsupportedError("<min_guarantee>: QEMU has no such limit")


def _hotplug(domain: Domain) -> None:
    """Memory can be plugged into nodes only, but on pseries machines, and for devices that belong to no node."""
    memory = domain.memory
    cells = domain.numa.cells if domain.numa else []
    pseries = (domain.os.arch or "").startswith("ppc64")
    models = {device.model for device in layout.of("memory", domain.devices)}
    if memory.slots and not memory.maximum:
        raise DomainXmlError("<maxMemory slots='…'>: it names no size")
    if memory.maximum is not None and memory.slots and not cells and not pseries and not models & {"sgx-epc", "virtio-pmem"}:
        raise DomainXmlError("<maxMemory>: memory can be added only to a guest with nodes in <cpu><numa>")
