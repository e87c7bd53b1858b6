"""``slotport demo``: a server with an account, a calendar and a convention to look at."""

import sys
from dataclasses import replace
from importlib.resources import files as package_files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slotport.cli.common import FAILED, complain, now, read_settings, store_of

if TYPE_CHECKING:
    from slotport.settings import Settings

EMAIL = "demo@example.org"
PASSWORD = "harbour walk"  # noqa: S105  # shown to whoever starts the demo
SAMPLE = "demo.ics"

TEXT = """
Slotport runs at {url}
Open it in a browser, and sign in as {email} with the password "{password}": there is a
calendar, a convention with its board, and an export that has just run.

Or ask it yourself:

  token={token}
  curl -H "Authorization: Token token=$token" {url}/v1/me/slots
  curl -H "Authorization: Token token=$token" -F "file=@{file}" "{url}/v1/import/?report=true"
  curl -H "Authorization: Token token=$token" -X POST {url}/v1/export/ical

{title} is a small convention of the account, whose schedule everybody may read:

  {url}/entities/conventions/{slug}/schedule.json
  {url}/entities/conventions/{slug}/schedule.xml
  {url}/entities/conventions/{slug}/schedule.ics
  curl -H "Convention: {key}" {url}/entities/timeslots

Two exports are defined: "Everything", which runs when the server starts, and one for every Friday at six. See them:

  {program} exports list --user {email} --data {data}
  curl {url}/api/v1/session    # then as docs/api/export.md says

What else there is: {url}/docs. Ctrl-C ends it.
"""


def demo(
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="Where the demo keeps its calendar.")],
    port: Annotated[int, typer.Option(help="Port to listen on; a free one if it is taken.")] = 8080,
) -> None:
    """Serve a demo account, with a calendar, a convention and exports, on this machine only.

    Exit status: 0 stopped by a signal; 1 the database cannot be used, the reason stands on standard error; 2 the
    command line or a setting is wrong.
    """
    # the server's libraries take half a second that a help text need not wait for
    from slotport import jobs
    from slotport.api import logs
    from slotport.api.serving import listening
    from slotport.api.serving import serve as run

    settings = read_settings(
        None, host="127.0.0.1", port=port, data=data, database="", log_format="text", log_level="warning"
    )
    try:
        listener = listening(settings)
    except OSError:
        listener = listening(replace(settings, port=0))
    with listener:
        typer.echo(prepared(settings, f"http://127.0.0.1:{listener.getsockname()[1]}"))
        logs.configure(settings)
        run(settings, listener, jobs.worker)


def prepared(settings: "Settings", url: str) -> str:
    """The text to greet with, once account, calendar and convention are there."""
    from slotport.actions import accounts, sign_in  # the database's libraries: see above
    from slotport.actions.account_fields import Fields
    from slotport.actions.files import ImportOptions, import_file
    from slotport.cli.demo_calendar import demo_calendar
    from slotport.cli.demo_convention import demo_convention
    from slotport.cli.demo_exports import demo_exports
    from slotport.errors import NotFound, SlotportError
    from slotport.jobs import Queue

    sample = package_files("slotport.cli").joinpath(SAMPLE)
    with store_of(settings) as store:
        try:
            account = accounts.get(store, EMAIL)
        except NotFound:
            account = accounts.add(store, Fields(username="Demo", email=EMAIL, password=PASSWORD), now=now())
            demo_calendar(store, account, now=now())
        import_file(store, account, [sample.read_bytes()], ImportOptions(), now=now())
        try:
            signed_in = sign_in.sign_in(
                store,
                email=EMAIL,
                password=PASSWORD,
                surface="v1",
                address="127.0.0.1",
                settings=settings,
                now=now(),
            )
        except SlotportError as error:
            complain(f"the demo account has another password by now: remove the folder {settings.data} ({error})")
            raise typer.Exit(FAILED) from error
        convention = demo_convention(store, account, now=now())
        queue = Queue(settings, store, clock=now)
        demo_exports(queue, account)
        queue.close()
    return TEXT.format(
        url=url,
        email=EMAIL,
        password=PASSWORD,
        token=signed_in.token,
        file=sample,
        title=convention.title,
        slug=convention.slug,
        key=convention.public_key,
        data=settings.data,
        program=sys.argv[0],
    )
