"""What a guest's memory, CPUs, nodes and threads are completed to, and what contradicts itself among them."""

from __future__ import annotations

from qemuxml import layout
from qemuxml.common.sizes import in_bytes
from qemuxml.domain import Domain, boards, smp
from qemuxml.domain.memory import argv
from qemuxml.domain.numa import model as numa
from qemuxml.domain.tuning import check as tuning
from qemuxml.domain.vcpu import One
from qemuxml.errors import ConversionError, DomainXmlError, UnsupportedError
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
    _hotplug(domain)
    try:
        argv.check_pages(domain)
        _limits(domain)
    except ConversionError as error:
        raise error.of(domain.memory) from None


def _vcpus(domain: Domain) -> None:
    vcpu = domain.vcpu
    vcpu.count = 1 if vcpu.count is None and not vcpu.given else vcpu.count or 0
    if not 0 < vcpu.count < smp.MOST:
        raise DomainXmlError(f"<vcpu>: no guest has {vcpu.count} CPUs").of(vcpu)
    most = boards.cpus.most(domain.os.arch, domain.os.machine)
    if most is not None and vcpu.count > most:
        raise UnsupportedError(f"<vcpu>{vcpu.count}</vcpu>: machine '{domain.os.machine}' has at most {most}").of(vcpu)
    if vcpu.current is not None and not vcpu.each and not 0 < vcpu.current <= vcpu.count:
        raise DomainXmlError(f"<vcpu current='{vcpu.current}'>: there are {vcpu.count}").of(vcpu)
    topology = domain.cpu.topology if domain.cpu else None
    if topology is not None:
        product = (topology.sockets or 1) * (topology.cores or 1) * (topology.threads or 1)
        product *= (topology.dies or 1) * (topology.clusters or 1)
        if product != vcpu.count:
            raise DomainXmlError(f"<topology> is for {product} CPUs, <vcpu> says {vcpu.count}").of(topology)
    try:
        _each(vcpu.each, vcpu.count)
    except DomainXmlError as error:
        raise error.of(vcpu.each[0]) from None


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
    if domain.tuning.cpu is not None:
        tuning.check_cpu(domain.tuning.cpu, domain.vcpu.count or 1, numbers, accelerated=domain.identity.type == "kvm")
    if domain.memory.block_tuning is not None:
        tuning.check_disks(domain.memory.block_tuning)


def _limits(domain: Domain) -> None:
    """All memory, with that of the devices, is within what the guest may have."""
    memory = domain.memory
    total = argv.initial_size(domain) + sum(device.given_size() for device in argv.devices(domain))
    if memory.maximum and in_bytes(memory.maximum, memory.maximum_unit) < total:
        raise DomainXmlError("<maxMemory> is less than the guest's <memory>").of(memory)
    if memory.tuning:
        for limit in (memory.tuning.hard_limit, memory.tuning.soft_limit, memory.tuning.swap_hard_limit):
            if limit is not None:
                limit.in_bytes()
        if memory.tuning.min_guarantee and memory.tuning.min_guarantee.size:
            raise UnsupportedError("<min_guarantee>: QEMU has no such limit").of(memory.tuning)


def _hotplug(domain: Domain) -> None:
    """Memory can be plugged into nodes only, but on pseries machines, and for devices that belong to no node."""
    memory = domain.memory
    cells = domain.numa.cells if domain.numa else []
    pseries = (domain.os.arch or "").startswith("ppc64")
    models = {device.model for device in layout.of("memory", domain.devices)}
    if memory.slots and not memory.maximum:
        raise DomainXmlError("<maxMemory slots='…'>: it names no size").of(memory)
    if memory.slots and not cells and not pseries and not models & {"sgx-epc", "virtio-pmem"}:
        raise DomainXmlError("<maxMemory>: memory can be added only to a guest with nodes in <cpu><numa>").of(memory)
