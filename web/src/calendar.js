// The calendar of a person: /app/calendar. The list that the server made stays where the grid does not fit.
import { mount } from "./grid.js";
import { ask, openDialog, say, untell } from "./page.js";

const VIEWS = { month: "dayGridMonth", week: "timeGridWeek", day: "timeGridDay" };
const NARROW = "(max-width: 40rem)";
const SHORT_MS = 40 * 60_000; // what is shorter has one line in a week

/** Show the calendar in the element, whose data-* say what it shows; returns what ends it. */
export function start(element) {
  const list = document.getElementById("calendar-list");
  const problem = document.getElementById("calendar-problem");
  if (matchMedia(NARROW).matches && element.dataset.view === "week") return undefined;
  element.hidden = false;
  list.hidden = true;

  const said = element.dataset;
  const undo = document.getElementById("calendar-undo");
  let last; // the move that can be taken back
  let shown = []; // what the server said last: it stays when the server cannot be asked
  let focused; // what is to have the focus once the server's answer is shown
  const grid = mount(
    element,
    {
      view: VIEWS[said.view],
      date: said.date,
      locale: document.documentElement.lang === "de" ? "de" : "en-GB",
      timeZone: said.offset,
      firstDay: 1,
      scrollTime: "07:30:00",
      slotHeight: 32, // a quarter of an hour has room for a line
      ...(said.view === "week" && { dayHeaderFormat: { weekday: "short", day: "numeric" } }),
      slotMinTime: "00:00:00",
      height: said.view === "month" ? undefined : "70vh",
      allDayContent: said.allDay,
      moreLinkContent: ({ num }) => said.more.replace("0", String(num)),
      selectable: true,
      selectMinDistance: 5,
      lazyFetching: false,
      eventSources: [{ events: load }],
      dateClick: ({ dateStr, allDay }) => create(dateStr, undefined, allDay),
      select: ({ startStr, endStr, allDay }) => create(startStr, endStr, allDay),
      loading: (isLoading) => element.classList.toggle("is-loading", isLoading),
    },
    { content, open, move, moved: () => said.moved, refused: ({ extendedProps }) => extendedProps.day || refuse(said.notYours) },
  );
  const takeBack = undo.querySelector("button");
  takeBack.addEventListener("click", moveBack);
  return () => {
    takeBack.removeEventListener("click", moveBack);
    grid.end();
  };

  async function load({ startStr, endStr }) {
    const query = new URLSearchParams(said.without);
    query.set("start", startStr.slice(0, 10));
    query.set("end", endStr.slice(0, 10));
    query.set("month", String(said.view === "month"));
    const answer = await ask(`${said.calendar}/events?${query}`);
    if (!answer?.ok) return shown;
    const id = focused;
    focused = undefined;
    if (id) setTimeout(() => grid.refocus(id));
    shown = [...answer.events.map(event), ...Object.entries(answer.more).map(more)];
    return shown;
  }

  function event({ id, title, start, end, allDay, openEnd, className, editable, ...others }) {
    return {
      id,
      title,
      start,
      end,
      allDay,
      editable,
      durationEditable: editable && !openEnd,
      classNames: [className],
      extendedProps: others,
    };
  }

  function more([day, count]) {
    return {
      id: `more-${day}`,
      title: said.more.replace("0", String(count)),
      start: day + "T23:59:00",
      end: day + "T23:59:59",
      editable: false,
      classNames: ["more"],
      extendedProps: { day },
    };
  }

  function content({ title, start, end, allDay, extendedProps }, time) {
    if (extendedProps.day) return { time: "", title };
    const hidden = [allDay ? said.allDay : "", extendedProps.place, extendedProps.repeats ? said.repeats : ""];
    const texts = { title, hidden: hidden.filter(Boolean).join(", ") };
    if (allDay) return { ...texts, time: "" };
    if (said.view === "month") return { ...texts, time };
    return { ...texts, time, isTitleFirst: true, className: end - start < SHORT_MS ? "is-short" : "is-block" };
  }

  function open({ extendedProps }) {
    const { slot, occurrence, convention, day } = extendedProps;
    const root = document.documentElement.dataset.root;
    if (day) location.assign(`${root}/app/calendar?view=day&date=${day}&${said.without}`);
    else if (convention) location.assign(`${root}/c/${convention}`);
    else openDialog(`${root}/app/slots/${slot}?${new URLSearchParams({ occurrence, back: said.here })}`);
  }

  function create(from, to, allDay) {
    const root = document.documentElement.dataset.root;
    const query = new URLSearchParams({ back: said.here });
    const day = from.slice(0, 10);
    if (allDay) {
      query.set("all_day", "1");
      query.set("start", day);
      query.set("end", to ? to.slice(0, 10) : day);
    } else {
      query.set("start", from.slice(0, 16));
      query.set("end", to ? to.slice(0, 16) : later(from));
    }
    openDialog(`${root}/app/slots/new?${query}`);
  }

  async function move(event, { days, seconds, resize, fromStart }) {
    const { slot, occurrence } = event.extendedProps;
    const choice = occurrence ? await chosen() : "one";
    if (!choice) return undefined;
    const part = resize ? (fromStart ? "start" : "end") : "whole";
    const id = await send({ slot, occurrence, days, seconds, part, all: choice === "all" });
    if (!id) return undefined;
    undo.hidden = false;
    return { ...event, id };
  }

  /** Have the server move something; the id that it has then, undefined if it stays. */
  async function send(body) {
    problem.hidden = undo.hidden = true;
    const answer = await ask(`${said.calendar}/move`, { method: "POST", body });
    if (!answer) return undefined;
    if (!answer.ok) return refuse(said.notMoved.replace("@", sentence(answer.error)));
    untell();
    focused = answer.id;
    const [slot, occurrence = ""] = answer.id.split(".");
    last = { ...body, slot: Number(slot), occurrence, days: -body.days, seconds: -body.seconds };
    grid.calendar.refetchEvents();
    return answer.id;
  }

  async function moveBack() {
    if (await send(last)) say(said.undone);
  }

  function refuse(text) {
    problem.textContent = text;
    problem.hidden = false;
    return undefined;
  }
}

/** What is to move of a series: "one", "all", or "" if nothing is. */
function chosen() {
  const dialog = document.getElementById("series");
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true }));
}

function sentence(error) {
  return typeof error === "string" ? error : Object.values(error).flat().join("; ");
}

/** An hour later on the same day, as a wall time. */
function later(text) {
  const hour = Math.min(23, Number(text.slice(11, 13)) + 1);
  return `${text.slice(0, 11)}${String(hour).padStart(2, "0")}:${hour === 23 && text.slice(11, 13) === "23" ? "59" : text.slice(14, 16)}`;
}
