// The public schedule of a convention: what goes on now, and stars. Stars stay in this browser and are told to nobody.
import htmx from "htmx.org";
import { keyOf, say, tell, untell } from "./page.js";

const LONGEST_SECONDS = 300; // until now and next are asked for again: the schedule may change
const MINUTE_MS = 60_000;

/** Bring the schedule to life; returns what ends it. */
export function start(element) {
  const { programme: base, stars: key, ics } = element.dataset;
  const stop = new AbortController();
  const { signal } = stop;
  const starKey = `slotport-stars:${key}`;
  const onlyKey = `slotport-only:${key}`;
  const only = element.querySelector("[data-only]");
  const timers = new Set();
  let stars = kept();
  let ahead = 0; // of the server's clock before this browser's, in seconds

  function kept() {
    try {
      const found = JSON.parse(localStorage.getItem(starKey) ?? "[]");
      return new Set(Array.isArray(found) ? found.filter((one) => typeof one === "string") : []);
    } catch {
      return new Set();
    }
  }

  function show() {
    const isOnly = only?.getAttribute("aria-pressed") === "true";
    const here = new Set(); // in a timetable, what is in several locations is there several times
    for (const entry of element.querySelectorAll("[data-slot]")) {
      const isStarred = stars.has(entry.dataset.slot);
      if (isStarred) here.add(entry.dataset.slot);
      entry.hidden = isOnly && !isStarred;
      entry.classList.toggle("starred", isStarred);
      entry.querySelector(".star").setAttribute("aria-pressed", String(isStarred));
    }
    for (const group of element.querySelectorAll(".hour, .day")) {
      group.hidden = isOnly && !group.querySelector("[data-slot]:not([hidden])");
    }
    const count = element.querySelector("[data-star-count]");
    if (count) count.textContent = stars.size ? count.dataset.text.replace("{here}", here.size).replace("{all}", stars.size) : "";
    mark();
  }

  /** What is over and what goes on, by the server's clock. */
  function mark() {
    const now = Date.now() / 1000 + ahead;
    for (const entry of element.querySelectorAll("[data-slot]")) {
      const { start, end } = entry.dataset;
      entry.classList.toggle("over", Number(end) <= now);
      entry.classList.toggle("running", Number(start) <= now && now < Number(end));
    }
  }

  function later(milliseconds, act) {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, milliseconds);
    timers.add(timer);
  }

  /** Now and next, asked for at once (the page may come from a cache), and again whenever they change. */
  async function refresh() {
    let seconds = LONGEST_SECONDS;
    try {
      const answer = await fetch(`${base}/now${location.search}`, { signal, headers: { "X-Dialog": "1", Accept: "text/html" }, cache: "no-store" });
      const shown = element.querySelector("#now");
      if (answer.ok && shown) {
        const part = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("now");
        ahead = Number(part.dataset.now) - Date.now() / 1000;
        if (part.dataset.seconds) seconds = Math.min(seconds, Number(part.dataset.seconds));
        if (!shown.contains(document.activeElement)) shown.replaceWith(part);
        htmx.process(element);
      }
    } catch (error) {
      if (error.name === "AbortError") return; // else the network is away: another time
    }
    mark();
    // readers do not all ask in the same moment
    later(seconds * 1000 + Math.random() * 3000, refresh);
  }

  function tick() {
    mark();
    later(MINUTE_MS, tick);
  }

  function press(event) {
    const star = event.target.closest(".star");
    if (star) {
      stars = kept(); // another tab may have changed them
      const slot = star.closest("[data-slot]").dataset.slot;
      if (!stars.delete(slot)) stars.add(slot);
      try {
        localStorage.setItem(starKey, JSON.stringify([...stars]));
      } catch {
        tell("failed");
      }
      show();
    } else if (event.target.closest("[data-only]")) {
      const isOnly = only.getAttribute("aria-pressed") !== "true";
      only.setAttribute("aria-pressed", String(isOnly));
      sessionStorage.setItem(onlyKey, isOnly ? "1" : "");
      show();
    } else if (event.target.closest("[data-print]")) print();
    else if (event.target.closest("[data-starred-ics]")) save();
  }

  /** The calendar file of what is starred, cut out of everybody's here in the browser. */
  async function save() {
    let answer;
    try {
      answer = await fetch(ics, { signal });
    } catch {
      return tell("offline");
    }
    if (!answer.ok) return tell(keyOf(answer.status));
    untell();
    const text = await answer.text();
    const held = text.replace(/BEGIN:VEVENT\r\n[^]*?END:VEVENT\r\n/g, (entry) => (stars.has(/\r\nUID:([^\r]*)/.exec(entry)?.[1]) ? entry : ""));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([held], { type: "text/calendar" }));
    link.download = "starred.ics";
    link.click();
    later(MINUTE_MS, () => URL.revokeObjectURL(link.href));
    return say(link.download);
  }

  only?.setAttribute("aria-pressed", String(sessionStorage.getItem(onlyKey) === "1"));
  element.addEventListener("click", press, { signal });
  addEventListener("storage", (event) => event.key === starKey && ((stars = kept()), show()), { signal });
  document.addEventListener("htmx:load", show, { signal });
  element.addEventListener(
    "htmx:configRequest",
    (event) => {
      // what is not asked for does not stand in the address
      const { parameters } = event.detail;
      for (const [name, value] of Object.entries(parameters)) if (value === "") delete parameters[name];
    },
    { signal },
  );
  show();
  tick();
  refresh();
  return () => {
    stop.abort();
    for (const timer of timers) clearTimeout(timer);
  };
}
