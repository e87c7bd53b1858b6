// The calendar grid: EventCalendar with wall times as texts, moves by keyboard, and roles that fit its elements.
//
// Times are the wall times of the shown zone, "2026-11-27T08:00:00", and never Date objects: those would be taken as
// times of the browser's zone. Moves are told to the server as differences.
import {
  createCalendar,
  DayGrid,
  destroyCalendar,
  Interaction,
  ResourceTimeGrid,
  TimeGrid,
} from "@event-calendar/core";
import { say } from "./page.js";

/**
 * Show a grid in the element; returns { calendar, end, refocus }.
 *
 * options: of EventCalendar. hooks:
 *   content(event) -> { time, title, hidden, className, isTitleFirst }  the texts of an event's button; hidden is for
 *                                              those who listen
 *   open(event)                                an event was chosen
 *   move(event, { days, seconds, resize, resource, left, fromStart }) -> the event as the server has it now, or undefined
 *   refused(event)                             somebody tried to move by keyboard what is not theirs to move
 *   step                                       seconds of one keyboard step
 *   moved(event) -> sentence                   what to say after a move
 */
export function mount(element, options, hooks) {
  const buttons = (id) => [...element.querySelectorAll(`[data-event="${CSS.escape(String(id))}"]`)];
  const refocus = (id, resource) => requestAnimationFrame(() => {
    const found = buttons(id);
    (found.find((made) => resource && resourceOf(made) === resource) ?? found[0])?.focus();
  });
  const calendar = createCalendar(element, [DayGrid, Interaction, ResourceTimeGrid, TimeGrid], {
    headerToolbar: { start: "", center: "", end: "" },
    longPressDelay: 350,
    dayMaxEvents: true,
    eventResizableFromStart: true,
    slotEventOverlap: false,
    nowIndicator: true,
    ...options,
    eventContent: (info) => ({ domNodes: [button(info.event, info.timeText)] }),
    eventDrop: (info) => settle(info, { resize: false }),
    eventResize: (info) => settle(info, { resize: true }),
  });

  function button(event, timeText) {
    const { time = timeText, title = event.title, hidden = "", className = "", isTitleFirst = false } = hooks.content(event, timeText);
    const made = document.createElement("button");
    made.type = "button";
    made.dataset.event = event.id;
    made.className = `event ${className}`;
    const texts = [["event-time", time], ["event-title", title]];
    if (isTitleFirst) texts.reverse();
    for (const [kind, text] of [...texts, ["visually-hidden", hidden]]) {
      if (!text) continue;
      const part = document.createElement("span");
      part.className = kind;
      part.textContent = text;
      made.append(part, " ");
    }
    return made;
  }

  async function settle(info, { resize }) {
    const delta = info.delta ?? info.endDelta ?? info.startDelta;
    const fromStart = Boolean(info.startDelta && secondsOf(info.startDelta));
    const change = {
      ...split(fromStart ? info.startDelta : delta),
      resize,
      fromStart,
      resource: info.newResource?.id ?? null,
      left: info.oldResource?.id ?? null,
    };
    const event = await hooks.move(info.oldEvent, change);
    if (event === undefined) info.revert();
    else show(event, change.resource);
  }

  function show(event, resource) {
    calendar.updateEvent(event);
    refocus(event.id, resource);
    const sentence = hooks.moved?.(event);
    if (sentence) say(sentence);
  }

  async function keydown(pressed) {
    const made = pressed.target.closest?.("[data-event]");
    if (!made) return;
    if (pressed.key === "Enter" || pressed.key === " ") return; // a click follows
    const change = pressed.altKey && !pressed.ctrlKey && !pressed.metaKey && keyChange(pressed);
    if (!change) return;
    pressed.preventDefault();
    pressed.stopPropagation();
    const event = calendar.getEventById(made.dataset.event);
    if (event?.editable === false) hooks.refused?.(event);
    if (!event || event.editable === false || busy.has(event.id)) return;
    busy.add(event.id);
    try {
      const here = resourceOf(made);
      const resource = change.aside === undefined ? null : neighbour(event, here, change.aside);
      if (resource === undefined) return;
      const moved = await hooks.move(event, { days: change.days ?? 0, seconds: change.seconds ?? 0, resize: change.resize ?? false, fromStart: false, resource, left: resource === null ? null : here });
      if (moved !== undefined) show(moved, resource ?? here);
    } finally {
      busy.delete(event.id);
    }
  }

  const busy = new Set();

  function keyChange({ key, shiftKey }) {
    const isBoard = calendar.getOption("resources")?.length > 0;
    const isMonth = calendar.getOption("view").startsWith("dayGrid");
    const step = hooks.step ?? 900;
    const sign = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1 }[key];
    if (sign === undefined) return undefined;
    const isVertical = key === "ArrowUp" || key === "ArrowDown";
    if (shiftKey) return isVertical ? { seconds: sign * step, resize: true } : undefined;
    if (isVertical) return isMonth ? { days: sign * 7 } : { seconds: sign * step };
    return isBoard ? { aside: sign } : { days: sign };
  }

  function columns() {
    return (calendar.getOption("resources") ?? []).map((resource) => String(resource.id));
  }

  /** The resource in whose column a button stands: of an event with several, each has one. */
  function resourceOf(made) {
    return columns()[Number(getComputedStyle(made.closest(".ec-event")).gridColumnStart) - 1];
  }

  /** The next resource on that side which the event does not have yet. */
  function neighbour(event, here, aside) {
    const all = columns();
    let index = all.indexOf(here) + aside;
    while (event.resourceIds.map(String).includes(all[index])) index += aside;
    return all[index];
  }

  function click(pressed) {
    const made = pressed.target.closest?.("[data-event]");
    const event = made && calendar.getEventById(made.dataset.event);
    if (event) hooks.open?.(event);
  }

  const observer = new MutationObserver((records) => {
    const changed = new Set(records.flatMap(({ type, target, addedNodes }) => (type === "attributes" ? [target] : [...addedNodes])));
    for (const part of changed) if (part instanceof Element && part.isConnected) repair(part);
    name(element);
  });
  observer.observe(element, { childList: true, subtree: true, attributeFilter: ["role", "aria-label"] });
  repair(element);
  name(element);
  element.addEventListener("keydown", keydown);
  element.addEventListener("click", click);
  return {
    calendar,
    refocus,
    end: () => {
      observer.disconnect();
      destroyCalendar(calendar);
    },
  };
}

/** A duration of EventCalendar ({ years, months, days, seconds }) as days and seconds. */
function split({ days = 0, seconds = 0 }) {
  return { days, seconds };
}

function secondsOf({ days = 0, seconds = 0 }) {
  return days * 86400 + seconds;
}

const ROLES = new Set(["table", "list", "listitem", "row", "rowgroup", "cell", "columnheader", "rowheader", "article"]);

const CELLS = ["role", "aria-colindex", "aria-rowindex", "aria-colspan", "aria-colcount", "aria-rowcount"];

/** The grid's own roles promise tables that its elements are not; each event is a button with its whole text. */
function repair(element) {
  for (const part of [element, ...element.querySelectorAll("[role], [aria-label], h4")]) {
    if (ROLES.has(part.getAttribute("role"))) {
      for (const name of CELLS) part.removeAttribute(name);
      if (/^(DIV|ARTICLE|SECTION)$/.test(part.tagName)) part.removeAttribute("aria-label");
    }
    if (/^(SPAN|TIME)$/.test(part.tagName)) part.removeAttribute("aria-label");
    if (part.matches("h4.ec-day-head:not([aria-level])")) part.setAttribute("aria-level", "2");
  }
}

/** The grid is a group with the name that its element has. */
function name(element) {
  const grid = element.querySelector(".ec") ?? element;
  if (grid.hasAttribute("aria-label")) return;
  grid.setAttribute("role", "group");
  grid.setAttribute("aria-label", element.dataset.label ?? "");
}
