// Reads calendars with ical.js: a JSON line in, a JSON line out; see oracle.py. Zones come from the file's VTIMEZONEs.
// With "until", an event's occurrences up to that many seconds after 1970 are given as well.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(process.argv[2] + "/"));
const loaded = await import(pathToFileURL(require.resolve("ical.js")));
const ICAL = loaded.default ?? loaded;

function shown(time) {
  if (!time) return null;
  if (time.isDate) return time.toString();
  if (time.zone === ICAL.Timezone.localTimezone) return time.toString();
  return time.toUnixTime();
}

function read(asked) {
  ICAL.TimezoneService.reset();
  const parsed = ICAL.parse(asked.text);
  const calendars = (Array.isArray(parsed[0]) ? parsed : [parsed]).map((item) => new ICAL.Component(item));
  const events = [];
  for (const calendar of calendars) {
    if (calendar.name === "vevent") calendar.getAllSubcomponents = (name) => (name === "vevent" ? [calendar] : []);
    for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(new ICAL.Timezone(zone));
    for (const event of calendar.getAllSubcomponents("vevent")) {
      const value = (name) => event.getFirstPropertyValue(name);
      const times = ["dtstart", "dtend"].map((name) => shown(value(name)));
      events.push([value("uid"), ...times, value("summary"), value("description"), value("location")]);
    }
  }
  return { events, occurrences: asked.until ? occurrences(calendars, asked.until) : undefined };
}

function occurrences(calendars, until) {
  const components = calendars.flatMap((calendar) => calendar.getAllSubcomponents("vevent"));
  const overrides = components.filter((component) => component.hasProperty("recurrence-id"));
  const found = [];
  for (const component of components.filter((one) => !one.hasProperty("recurrence-id"))) {
    const uid = component.getFirstPropertyValue("uid");
    const own = overrides.filter((one) => one.getFirstPropertyValue("uid") === uid);
    const event = new ICAL.Event(component, { exceptions: own });
    const iterator = event.iterator();
    for (let count = 0, next; count < 3000 && (next = iterator.next()); count++) {
      if (next.toUnixTime() > until) break;
      const details = event.getOccurrenceDetails(next);
      const status = details.item.component.getFirstPropertyValue("status") ?? "";
      if (status !== "CANCELLED") found.push([uid, shown(details.startDate), shown(details.endDate), details.item.summary]);
    }
  }
  return found.sort();
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = read(JSON.parse(line));
  } catch (error) {
    answer = { error: String(error) };
  }
  console.log(JSON.stringify(answer));
}
