// The calendar of a person: /app/calendar.
import { mount } from "./grid.js";
import { ask } from "./page.js";

/** Show the calendar in the element, whose data-* say where its slots come from; returns what ends it. */
export function start(element) {
  const grid = mount(
    element,
    {
      view: "timeGridWeek",
      date: element.dataset.date,
      locale: document.documentElement.lang,
      events: [],
    },
    {
      content: (event, time) => ({ time, title: event.title }),
      open: () => undefined,
      move: (event, change) => ask(`${element.dataset.calendar}/${event.id}/move`, { method: "POST", body: change }),
    },
  );
  return grid.end;
}
