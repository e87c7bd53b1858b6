"""Whatever JSON a client sends ends in an export that can be stored, or in an error of the interface."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from slotport.core.export import Definition, Schedule, Transport
from slotport.errors import WireError
from tests.exports import changed, created

NAMES = st.sampled_from(
    "_basetype _date_created _id _version type name search fields eas_fields classes assets csv xml json batch_size"
    " mapping filename_template merge_max_depth ical outlook timeslot schedule_xml produce_options all_languages"
    " xslt_xml_post_processing delimiter quote hierarchy slot.media slot.title display_name files data image versions"
    " version metadata custom transform crop rotate-z top left width height 4 5 timezone day_start weekdays hours"
    " minute missed uuid packer email options recipients message user group login objecttypes sort limit field from"
    " to bool in string".split()
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(
        "export download email zip tar_gz user group original custom version must match in range complex slot"
        " friday once UTC 04:00 a@b.c 2031-05 preview image.preview slot.title group.image".split()
    )
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)
BODIES = st.fixed_dictionaries(
    {"export": st.dictionaries(NAMES, VALUES, max_size=4)},
    optional={
        "_schedules": st.lists(st.dictionaries(NAMES, VALUES, max_size=3), max_size=2) | VALUES,
        "_transports": st.lists(st.dictionaries(NAMES, VALUES, max_size=4), max_size=2) | VALUES,
        "_date_created": VALUES,
    },
)


@given(body=BODIES | VALUES)
def test_any_body_is_read_or_refused(body: Any) -> None:
    for read in (created, changed):
        try:
            said = read(body)
        except WireError as error:
            msgspec.json.encode([str(error), error.code, error.parameters])
        else:
            for value, kind in (
                (said.definition, Definition),
                (said.schedules, tuple[Schedule, ...]),
                (said.transports, tuple[Transport, ...]),
            ):
                again = msgspec.json.decode(msgspec.json.encode(value), type=kind)
                assert again == value
