"""``qemuxml.record`` does what dataclasses do, as far as the package uses them."""

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from qemuxml.record import field, fields, is_record, record, replace


@record(frozen=True)
class Point:
    across: int
    down: int = 0
    name: str | None = None


@record(kw_only=True)
class Shape:
    points: list[Point] = field(default_factory=list)
    closed: bool = False


@record(kw_only=True)
class Filled(Shape):
    colour: str
    closed: bool = True


@record(eq=False)
class Mark:
    text: str


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        (Point(1), "Point(across=1, down=0, name=None)"),
        (Point(1, 2, "a"), "Point(across=1, down=2, name='a')"),
        (Point(1, name="a"), "Point(across=1, down=0, name='a')"),
        (Shape(), "Shape(points=[], closed=False)"),
        (
            Filled(colour="red", points=[Point(1)]),
            "Filled(points=[Point(across=1, down=0, name=None)], closed=True, colour='red')",
        ),
        (Mark("x"), "Mark(text='x')"),
    ],
)
def test_what_is_given_and_what_is_not(made: object, shown: str) -> None:
    assert repr(made) == shown


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (Point, "Point lacks its field across"),
        (lambda: Point(1, 2, "a", 4), "Point takes 3 values by their place, not 4"),
        (lambda: Point(1, across=2), "Point is given its field across twice"),
        (lambda: Point(1, up=2), "Point has no field up"),
        (lambda: Shape([]), "Shape takes 0 values by their place, not 1"),
        (Filled, "Filled lacks its field colour"),
    ],
)
def test_what_cannot_be_made(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make()


def test_a_default_that_is_made_is_the_objects_own() -> None:
    one, other = Shape(), Shape()
    one.points.append(Point(1))
    assert other.points == []
    assert one != other


def test_equal_are_objects_of_one_class_with_equal_fields() -> None:
    assert Point(1) == Point(1, 0)
    assert Point(1) != Point(2)
    assert Shape() != Point(1)
    assert Shape(closed=True) == Shape(closed=True)
    assert Shape(closed=True) != Filled(colour="red")
    assert Mark("x") != Mark("x")


def test_an_object_of_another_process_is_whole_though_its_class_made_none_here() -> None:
    from qemuxml.devices.hub import Hub  # noqa: PLC0415

    program = "import pickle, sys; hub = pickle.load(sys.stdin.buffer); print(hub.info.alias, hub.type, hub == type(hub)())"
    data = pickle.dumps(Hub(type="usb"))
    found = subprocess.run([sys.executable, "-c", program], input=data, capture_output=True, timeout=60, check=True)
    assert found.stdout == b"None usb False\n"


def test_only_what_never_changes_is_a_key() -> None:
    assert len({Point(1), Point(1, 0), Point(2)}) == 2
    assert len({Mark("x"), Mark("x")}) == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(Shape())


def test_what_is_frozen_never_changes() -> None:
    point = Point(1)
    with pytest.raises(AttributeError, match="Point never changes: neither does its down"):
        point.down = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="Point never changes"):
        del point.across
    assert point == Point(1)


def test_fields_are_told_in_their_order_those_of_the_base_first() -> None:
    assert [item.name for item in fields(Filled)] == [item.name for item in fields(Filled(colour="red"))]
    assert [item.name for item in fields(Filled)] == ["points", "closed", "colour"]
    assert is_record(Shape())
    assert not is_record(Shape)
    assert not is_record("text")


def test_a_changed_copy_leaves_the_object() -> None:
    point = Point(1, 2)
    assert replace(point, down=3) == Point(1, 3)
    assert point == Point(1, 2)
    with pytest.raises(TypeError, match="has no field up"):
        replace(point, up=1)


@pytest.mark.parametrize("made", [Point(1, 2), Filled(colour="red", points=[Point(1)])])
def test_copies_are_equal(made: Any) -> None:
    assert copy.copy(made) == copy.deepcopy(made) == pickle.loads(pickle.dumps(made)) == made  # noqa: S301 - our own bytes


def test_a_pattern_takes_fields_by_their_place() -> None:
    match Point(1, 2):
        case Point(across, down):
            assert (across, down) == (1, 2)
