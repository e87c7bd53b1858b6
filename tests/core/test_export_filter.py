"""The filter of a list of exports."""

import pytest

from slotport.core.export import ExportType, State
from slotport.core.export_filter import LONGEST, Filter, Part, read
from slotport.errors import WireError
from tests.exports import refused_at

EXPORT, INCREMENTAL, DOWNLOAD = ExportType.EXPORT, ExportType.INCREMENTAL, ExportType.DOWNLOAD


def types(*found: ExportType) -> frozenset[ExportType]:
    return frozenset(found)


def states(*found: State) -> frozenset[State]:
    return frozenset(found)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (None, ()),
        ("", ()),
        (
            "type:export|download+status:done|expired,status:failed",
            (
                Part(types=types(EXPORT, DOWNLOAD), states=states(State.DONE, State.EXPIRED)),
                Part(states=states(State.FAILED)),
            ),
        ),
        (
            "type:download|export+status:failed,type:export_incremental",
            (Part(types=types(EXPORT, DOWNLOAD), states=states(State.FAILED)), Part(types=types(INCREMENTAL))),
        ),
        ("status:pending|processing", (Part(states=states(State.PENDING, State.PROCESSING)),)),
        ("status:new,status:failed", (Part(states=states(State.NEW)), Part(states=states(State.FAILED)))),
        ("type:export+type:download", (Part(types=types()),)),
        ("status:new|done+status:done|failed", (Part(states=states(State.DONE)),)),
        ("type:export,type:export", (Part(types=types(EXPORT)),)),
    ],
)
def test_a_filter_means(text: str | None, meant: Filter) -> None:
    assert read(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "type:export status:done",
        "type:",
        "type:export,",
        ",type:export",
        "status:finished",
        "state:done",
        "Type:export",
        "type=export",
        "type:export||download",
        "type:export|",
        "type:export+",
        "+type:export",
        "type:export,,status:new",
        "type: export",
        "type:export\n",
        "type:Export",
        "type",
        ",",
        "type:new",
        "status:export",
        "type:export%2Bstatus:new",
        "type:export," * LONGEST,
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    assert refused_at(lambda: read(text)) == ("api.invalid_value", "filter")


def test_a_plus_sign_that_became_a_blank_is_told() -> None:
    with pytest.raises(WireError, match="%2B"):
        read("type:export status:done")
