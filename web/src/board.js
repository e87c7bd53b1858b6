// The schedule board of a convention: a day's time slots in a column for each location.
//
// Times are wall times of the convention's zone, as texts. The server decides on every change; what would clash is told
// before, from the day's time slots.
import { mount } from "./grid.js";
import { ask, openDialog } from "./page.js";
import { draggable } from "./board_tray.js";
import { busy, clashing, clock, problems, shift, wallOf } from "./board_rules.js";
import { filters } from "./board_filters.js";

const SLOT_SECONDS = 1800;
const SNAP_SECONDS = 900;
const UNDONE_AT_MOST = 20;
const SHOWN_ALONE = 50; //: time slots that change one by one; of more, all are shown anew
const REFRESH_MS = 300; //: after the last of several changes
const hour = (number) => `${String(number).padStart(2, "0")}:00:00`;

/** Show the board in the element, whose data-told says what it shows; returns what ends it. */
export function start(element) {
  const told = JSON.parse(element.dataset.told);
  const places = new Map(told.places.map((place) => [Number(place.id), place]));
  const colours = new Map(told.colours);
  const rules = { places, first: told.first, last: told.last };
  const find = (name) => element.querySelector(`[data-${name}]`);
  const ended = new AbortController();
  const { signal } = ended;
  const undone = [];
  let slots = new Map();
  let clashes = new Set();
  let shownDay = null;
  let grid = null;
  let received = "";
  let refreshing = 0;

  const text = (key, values = {}) => (told.texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const where = (slot) => slot.places.map((id) => places.get(id)?.title ?? "").join(", ");
  const spoken = (key, slot) => text(key, { title: slot.title, place: where(slot), start: clock(slot.start), end: clock(slot.end) });
  const everything = () => [...slots.values()];

  const chosen = filters(element, told, {
    places: (ids) => grid?.calendar.setOption("resources", resources(ids)),
    tag: () => paint(),
    zoom: (height) => grid?.calendar.setOption("slotHeight", height),
    whole: () => setHours(),
    text,
  }, signal);

  // --- what is shown

  function resources(ids) {
    return told.places.filter((place) => ids.has(place.id)).map(({ id, title }) => ({ id, title }));
  }

  function shown(slot) {
    return { id: String(slot.id), title: slot.title, start: slot.start, end: slot.end, resourceIds: slot.places.map(String) };
  }

  function classOf(slot) {
    const colour = slot.tags.map((id) => colours.get(id)).find((one) => one !== undefined);
    const isFaded = chosen.tag() && !slot.tags.includes(chosen.tag());
    return [colour === undefined ? "" : `colour-${colour}`, clashes.has(slot.id) ? "clash" : "", slot.shown ? "" : "unseen", isFaded ? "faded" : ""].filter(Boolean).join(" ");
  }

  function hiddenText(slot) {
    const parts = [where(slot), text("hosts", { names: slot.hosts.map(([, name]) => name).join(", ") })];
    if (!slot.shown) parts.push(text("hidden"));
    if (clashes.has(slot.id)) parts.push(text("conflict"));
    return `, ${parts.join(", ")}`;
  }

  function content(event) {
    const slot = slots.get(Number(event.id));
    if (!slot) return { time: "", title: event.title };
    return { time: `${clock(slot.start)}–${clock(slot.end)}`, title: slot.title, hidden: hiddenText(slot), className: classOf(slot) };
  }

  /** Clashes and filters concern many time slots: only their buttons change, not the grid. */
  function paint() {
    clashes = clashing(everything());
    for (const button of element.querySelectorAll("[data-event]")) {
      const slot = slots.get(Number(button.dataset.event));
      if (!slot) continue;
      const className = `event ${classOf(slot)}`;
      if (button.className !== className) button.className = className;
      const hidden = button.querySelector(".visually-hidden");
      const words = hiddenText(slot);
      if (hidden && hidden.textContent !== words) hidden.textContent = words;
    }
  }

  function setHours() {
    const [first, last] = chosen.whole() ? [shownDay.turn, shownDay.turn + 24] : [shownDay["first_hour"], shownDay["last_hour"]];
    if (!grid) return { slotMinTime: hour(first), slotMaxTime: hour(last) };
    grid.calendar.setOption("slotMinTime", hour(first));
    grid.calendar.setOption("slotMaxTime", hour(last));
  }

  async function load() {
    const day = await ask(`${told.base}/day?day=${told.day}`);
    if (!day?.ok || signal.aborted) return;
    const text = JSON.stringify(day);
    if (text === received) return;
    received = text;
    shownDay = day;
    const before = slots;
    slots = new Map(day.slots.map((slot) => [slot.id, slot]));
    clashes = clashing(day.slots);
    if (grid) showChanges(before);
    else begin();
  }

  function showChanges(before) {
    const gone = [...before.keys()].filter((id) => !slots.has(id));
    const changed = everything().filter((slot) => JSON.stringify(before.get(slot.id)) !== JSON.stringify(slot));
    if (gone.length + changed.length > SHOWN_ALONE) return grid.calendar.setOption("events", everything().map(shown));
    for (const id of gone) grid.calendar.removeEventById(String(id));
    for (const slot of changed) {
      if (before.has(slot.id)) grid.calendar.updateEvent(shown(slot));
      else grid.calendar.addEvent(shown(slot));
    }
    paint();
  }

  function begin() {
    grid = mount(find("grid"), {
      view: "resourceTimeGridDay",
      date: told.day,
      locale: document.documentElement.lang,
      eventTimeFormat: () => "", // its buttons have their own
      slotLabelFormat: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
      allDaySlot: false,
      columnWidth: "minmax(9rem, 1fr)",
      height: "max(26rem, calc(100vh - 8rem))",
      editable: true,
      nowIndicator: false,
      slotDuration: SLOT_SECONDS,
      snapDuration: SNAP_SECONDS,
      slotHeight: chosen.zoom(),
      resources: resources(chosen.places()),
      events: everything().map(shown),
      eventDragStart: (info) => pick(slots.get(Number(info.event.id))),
      eventDragStop: leave,
      eventResizeStart: (info) => pick(slots.get(Number(info.event.id))),
      eventResizeStop: leave,
      dragConstraint: (info) => over(candidateOf(info.event)),
      resizeConstraint: (info) => over(candidateOf(info.event)),
      ...setHours(),
    }, {
      content,
      step: SNAP_SECONDS,
      open: (event) => openDialog(`${document.documentElement.dataset.root}${told.base}/slots/${event.id}?on=board`),
      move,
    });
    element.dataset.loaded = told.day;
    refresh();
    if (location.hash.startsWith("#slot-")) focusOn(Number(location.hash.slice(6)));
  }

  function focusOn(id) {
    const slot = slots.get(id);
    if (!slot) return;
    if (!slot.places.some((place) => chosen.places().has(String(place)))) chosen.showAll();
    requestAnimationFrame(() => {
      const button = element.querySelector(`[data-event="${id}"]`);
      button?.focus();
      button?.scrollIntoView({ block: "center", inline: "center" });
    });
  }

  // --- what would clash, while something is held

  const verdict = document.createElement("div");
  verdict.className = "board-verdict";
  verdict.hidden = true;
  element.append(verdict);
  let saidOver = "";

  function candidateOf(event) {
    const slot = slots.get(Number(event.id));
    return slot && { ...slot, start: wallOf(event.start), end: wallOf(event.end), places: event.resourceIds.map(Number) };
  }

  function pick(slot) {
    if (!slot) return;
    const elsewhere = new Set(busy(slot, everything()).map((other) => other.id));
    for (const button of element.querySelectorAll("[data-event]")) button.classList.toggle("host-elsewhere", elsewhere.has(Number(button.dataset.event)));
    for (const head of element.querySelectorAll("[data-column]")) {
      const { holds } = places.get(Number(head.dataset.column)) ?? {};
      head.classList.toggle("too-small", Boolean(slot.most && holds && holds < slot.most));
    }
  }

  /** Tell of a time slot as it would be; always true, since the server decides. */
  function over(slot) {
    if (!slot) return true;
    const found = problems(slot, everything(), rules);
    const lines = found.length ? found.slice(0, 4).map(({ key, values }) => text(key, values)) : [spoken("fits", slot)];
    const all = lines.join("\n");
    if (all === saidOver) return true;
    saidOver = all;
    verdict.replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
    verdict.className = `board-verdict ${found.length ? "bad" : "good"}`;
    verdict.hidden = false;
    const inWay = new Set(found.map(({ other }) => other));
    for (const button of element.querySelectorAll("[data-event]")) button.classList.toggle("in-the-way", inWay.has(Number(button.dataset.event)));
    return true;
  }

  function leave() {
    verdict.hidden = true;
    saidOver = "";
    for (const part of element.querySelectorAll(".host-elsewhere, .in-the-way, .too-small")) part.classList.remove("host-elsewhere", "in-the-way", "too-small");
  }

  // --- changes

  async function move(event, { days, seconds, resize, fromStart, resource, left }) {
    const before = slots.get(Number(event.id));
    if (!before) return undefined;
    const delta = days * 86400 + seconds;
    const fields = {};
    if (resize) fields.minutes = before.minutes + ((fromStart ? -1 : 1) * delta) / 60;
    if (fields.minutes < 1) return undefined;
    if (delta && (!resize || fromStart)) fields.start = shift(before.start, delta);
    if (resource !== null && left !== null && String(resource) !== String(left)) {
      fields.add = [places.get(Number(resource)).slug];
      fields.remove = [places.get(Number(left)).slug];
    }
    const after = await send(`/slots/${before.id}/move`, { version: before.version, ...fields }, before.title);
    if (!after?.slot) return undefined;
    settle("moved", after, before);
    return shown(after.slot);
  }

  /** Ask for a change; what is refused is shown, and may be asked for again in spite of conflicts. */
  async function send(path, body, title) {
    for (;;) {
      const answer = await ask(told.base + path, { method: "POST", body });
      if (!answer) return undefined;
      if (answer.ok) return answer;
      if (answer.stale) {
        tell(text("stale", { title }), "warn");
        await load();
        return undefined;
      }
      const reasons = answer.reasons ?? [typeof answer.error === "string" ? answer.error : Object.values(answer.error ?? {}).flat().join("; ")];
      if (!(await refused(title, reasons, answer.anyway))) {
        tell(text("kept"));
        return undefined;
      }
      body = { ...body, anyway: true };
    }
  }

  function refused(title, reasons, canAnyway) {
    const dialog = find("refused");
    dialog.querySelector("h2").textContent = text("refused", { title });
    find("reasons").replaceChildren(...reasons.map((reason) => Object.assign(document.createElement("li"), { textContent: reason })));
    find("anyway").hidden = !canAnyway;
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "anyway"), { once: true }));
  }

  find("back").addEventListener("click", () => find("refused").close(""), { signal });
  find("anyway").addEventListener("click", () => find("refused").close("anyway"), { signal });

  /** Keep and tell what the server made of a change. */
  function settle(key, { slot, odd }, before) {
    slots.set(slot.id, slot);
    received = "";
    paint();
    const found = problems(slot, everything(), rules);
    const known = { "host-busy": "host-booked-twice", "too-small": "location-too-small", outside: "outside-convention" };
    const said = new Set(found.map((one) => known[one.key]));
    const more = odd.filter((code) => !said.has(code)).map((code) => text(`odd-${code}`));
    const lines = [spoken(key, slot), ...found.slice(0, 4).map((one) => text(one.key, one.values)), ...more];
    tell(lines.join(" "), lines.length > 1 ? "warn" : "good");
    remember(key, slot, before);
    refresh();
    element.dataset.saved = Number(element.dataset.saved ?? 0) + 1;
  }

  function tell(sentence, kind = "") {
    const box = find("said");
    box.textContent = sentence;
    box.className = `note board-said ${kind}`;
    box.hidden = false;
  }

  /** Have the conflicts and the tray made anew; not after each of many changes that follow one another. */
  function refresh() {
    clearTimeout(refreshing);
    refreshing = setTimeout(() => {
      for (const part of [find("conflicts"), find("tray-form")]) part.dispatchEvent(new CustomEvent("board-refresh"));
    }, element.dataset.saved ? REFRESH_MS : 0);
  }

  // --- undo

  function remember(key, slot, before) {
    undone.push({ key, slot, before });
    if (undone.length > UNDONE_AT_MOST) undone.shift();
    nameUndo();
  }

  function nameUndo() {
    const last = undone.at(-1);
    find("undo").disabled = !last;
    find("undo").textContent = last ? text(`undo-${last.key}`, { title: last.slot.title }) : find("undo").dataset.undo;
  }

  async function undo() {
    const last = undone.pop();
    if (!last) return;
    const now = slots.get(last.slot.id);
    let answer;
    if (last.key === "scheduled") answer = await send(`/slots/${last.slot.id}/remove`, {}, last.slot.title);
    else if (last.key === "removed") answer = await send(`/slots/${last.slot.id}/restore`, {}, last.slot.title);
    else {
      const slugs = (one) => one.places.map((id) => places.get(id)?.slug).filter(Boolean);
      answer = await send(`/slots/${last.slot.id}/move`, {
        version: now?.version ?? last.slot.version,
        start: last.before.at,
        minutes: last.before.minutes,
        add: slugs(last.before),
        remove: slugs(last.slot).filter((slug) => !slugs(last.before).includes(slug)),
        anyway: true,
      }, last.slot.title);
    }
    if (answer) {
      tell(text("undone"), "good");
      await load();
      refresh();
      if (answer.slot) grid.refocus(answer.slot.id);
    }
    nameUndo();
  }

  // --- events from the tray

  function placeAt(offer, x, y) {
    const point = grid?.calendar.dateFromPoint(x, y);
    if (!point?.resource?.id) return undefined;
    const begin = wallOf(point.date);
    return { ...offer, start: begin, end: shift(begin, offer.minutes * 60), places: [Number(point.resource.id)] };
  }

  draggable(element.querySelector(".board-tray"), {
    pick,
    leave,
    over: (offer, x, y) => {
      const there = placeAt(offer, x, y);
      if (there) over(there);
      else verdict.hidden = true;
    },
    drop: async (offer, x, y) => {
      const there = placeAt(offer, x, y);
      if (!there) return;
      const body = { event: offer.event, start: there.start, places: there.places.map((id) => places.get(id).slug) };
      const answer = await send("/drop", body, offer.title);
      if (!answer?.slot) return;
      settle("scheduled", answer, null);
      grid.calendar.addEvent(shown(answer.slot));
      grid.refocus(answer.slot.id);
    },
  }, signal);

  // --- the rest

  document.body.addEventListener("board-changed", async ({ detail }) => {
    document.getElementById("dialog").close();
    const before = slots.get(detail.id);
    await load();
    const now = slots.get(detail.id);
    const sentence = detail.did === "removed" ? text("removed", detail) : now ? spoken(detail.did === "scheduled" ? "scheduled" : "moved", now) : "";
    const odd = (detail.odd ?? []).map((code) => text(`odd-${code}`));
    tell([sentence, ...odd].join(" "), odd.length ? "warn" : "good");
    const key = detail.did === "changed" ? "moved" : detail.did;
    if (key !== "moved" || (before && now)) remember(key, now ?? before ?? detail, before);
    paint();
    refresh();
    if (now) grid.refocus(detail.id);
    else find("undo").focus();
  }, { signal });

  find("undo").dataset.undo = find("undo").textContent;
  find("undo").addEventListener("click", undo, { signal });
  element.addEventListener("keydown", (event) => {
    if (event.target.closest("dialog, input:not([type=checkbox]), select")) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "z") {
      event.preventDefault();
      undo();
    }
    const button = event.target.closest("[data-event]");
    if (button && event.key === "Delete") openDialog(`${document.documentElement.dataset.root}${told.base}/slots/${button.dataset.event}/cancel?on=board`);
  }, { signal });
  find("conflicts").addEventListener("click", (event) => {
    const link = event.target.closest("[data-slot]");
    if (!link || link.dataset.slotDay !== told.day) return;
    event.preventDefault();
    event.stopPropagation();
    focusOn(Number(link.dataset.slot));
  }, { signal, capture: true });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && !document.querySelector("dialog[open]")) load();
  }, { signal });

  load();
  return () => {
    ended.abort();
    clearTimeout(refreshing);
    grid?.end();
  };
}
