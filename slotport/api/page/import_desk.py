"""The pages of an import, for one request: what they show, and the previews that are made for them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import Response
from msgspec import Struct, structs

from slotport.actions import groups, import_listings, import_uploads, imports
from slotport.actions.files import ImportOptions
from slotport.actions.import_uploads import Previewed, Reading, Uploaded
from slotport.api.body import Upload
from slotport.api.page import import_shown
from slotport.api.page.import_shown import Shown
from slotport.api.page.rendering import Page
from slotport.api.page.working import Tell
from slotport.core.account import Account
from slotport.core.group import Group, parsed_uuid
from slotport.depot import Depot, depot_of
from slotport.errors import Invalid, NotFound, SlotportError
from slotport.storage.store import Store

ENCODINGS = ("utf-8", "windows-1252", "iso-8859-1", "iso-8859-2", "iso-8859-15", "utf-16", "shift_jis", "gb18030")
ORDERS = ("dmy", "mdy")
MIB = 1024 * 1024


class ReadForm(Struct, kw_only=True):
    """How a file is to be read."""

    encoding: str = ""
    date_order: str = ""
    group: str = ""
    strict: bool = False

    def reading(self) -> Reading:
        """What the form says. Raises Invalid, and NotFound for a group that cannot be one."""
        if self.date_order and self.date_order not in ORDERS:
            raise Invalid.of("date_order", "is neither dmy nor mdy")
        if self.group and parsed_uuid(self.group) is None:
            raise NotFound("no such group")
        return Reading(
            encoding=self.encoding or None,
            date_order=self.date_order or None,
            group=self.group or None,
            strict=self.strict,
        )


class UploadForm(ReadForm, kw_only=True):
    """A file, and how it is to be read."""

    file: Upload | str | None = None
    is_too_large: bool = False


class Desk(Struct, frozen=True):
    """Where somebody imports files."""

    page: Page
    caller: Account
    store: Store
    now: datetime

    @property
    def depot(self) -> Depot:
        """Where the files wait."""
        return depot_of(self.page.settings)

    def find(self, file: str) -> Uploaded:
        """The caller's file. Raises NotFound once it is gone."""
        return import_uploads.get(self.depot, self.caller, file, now=self.now)

    def find_preview(self, file: str, preview: str) -> Previewed:
        """A preview of it. Raises NotFound once it is gone."""
        return import_uploads.get_preview(self.depot, self.caller, file, preview, now=self.now)

    def options(self, reading: Reading, uploaded: Uploaded) -> ImportOptions:
        """How the file is imported if it is read like that."""
        guessed = uploaded.seems.encoding if uploaded.seems.is_encoding_guessed else None
        return ImportOptions(
            group=None if reading.group is None else parsed_uuid(reading.group),
            encoding=reading.encoding or guessed,
            date_order=reading.date_order,
            strict=reading.strict,
            record_limit=self.page.settings.max_events_per_file,
        )

    def preview(self, uploaded: Uploaded, reading: Reading, told: Tell) -> Previewed:
        """Look at what importing the file would do now. Raises as an import does."""
        chunks = import_uploads.chunks_of(self.depot, self.caller, uploaded, now=self.now)
        options = self.options(reading, uploaded)
        listing = import_listings.listing_of(self.store, self.caller, chunks, options, now=self.now, told=told)
        return import_uploads.add_preview(self.depot, self.caller, uploaded, reading, listing, now=self.now)

    # What is shown

    def problem(self, error: SlotportError) -> Invalid:
        """The error as a sentence beside the field that it is about. Raises what is about no field."""
        return import_shown.problem(self.page.t, error, most_records=self.page.settings.max_events_per_file)

    def too_large(self) -> Invalid:
        """That a file is larger than is taken."""
        return Invalid.of("file", self.page.t("import-large", megabytes=self._megabytes))

    def form(
        self,
        form: UploadForm | None = None,
        *,
        problem: Invalid | None = None,
        status_code: int | None = None,
        gone: bool = False,
    ) -> Response[Any]:
        """The form for a file, and the imports of the last 30 days."""
        return self.page.show(
            "import.html",
            status_code=status_code or (200 if problem is None else 422),
            problem=problem,
            form=form or UploadForm(),
            gone=gone,
            megabytes=self._megabytes,
            recent=imports.recent(self.store, self.caller, now=self.now),
            **self._choices(),
        )

    def gone(self) -> Response[Any]:
        """The same: the file is not there any more, or never was the caller's."""
        return self.form(status_code=404, gone=True)

    def read_form(
        self, uploaded: Uploaded, form: ReadForm | None = None, *, problem: Invalid | None = None
    ) -> Response[Any]:
        """How a file is read; which order its dates have, with some of them in both."""
        samples: Mapping[str, Any] = {}
        if uploaded.seems.date_order is not None:
            chunks = import_uploads.chunks_of(self.depot, self.caller, uploaded, now=self.now)
            encoding = uploaded.reading.encoding or uploaded.seems.encoding
            samples = {
                order: import_shown.samples(self.page, imports.dates_as(chunks, encoding, order))
                for order in ("dmy", "mdy")
            }
        return self.page.show(
            "import_read.html",
            status_code=200 if problem is None else 422,
            problem=problem,
            uploaded=uploaded,
            form=form or _said(uploaded.reading),
            asked=samples,
            **self._choices(),
        )

    def shown(
        self, uploaded: Uploaded, previewed: Previewed, shown: Shown, *, problem: Invalid | None = None
    ) -> Response[Any]:
        """A page of a preview."""
        group = next((one for one in self._groups() if str(one.uuid) == previewed.reading.group), None)
        return self.page.show(
            "import_preview.html",
            status_code=200 if problem is None else 422,
            problem=problem,
            uploaded=uploaded,
            previewed=previewed,
            group=group,
            view=import_shown.view(self.page, previewed, shown),
        )

    def _choices(self) -> dict[str, Any]:
        """What groups and encodings there are to choose from."""
        t = self.page.t
        own = [(str(group.uuid), group.name) for group in self._groups()]
        return {
            "group_options": [("", t("import-group-file")), *own],
            "encoding_options": [("", t("import-encoding-itself")), *((name, name) for name in ENCODINGS)],
        }

    def _groups(self) -> list[Group]:
        """The caller's own groups, oldest first."""
        seen = groups.calendars(self.store, self.caller)
        return [one.group for one in seen if one.group.owner_id == self.caller.id]

    @property
    def _megabytes(self) -> int:
        return self.page.settings.max_upload_bytes // MIB


def _said(reading: Reading) -> ReadForm:
    return ReadForm(**{name: value for name, value in structs.asdict(reading).items() if value is not None})
