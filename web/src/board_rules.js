// What would stand in the way on the board, told before the server decides; and arithmetic with wall times as texts.

export const shift = (wall, seconds) => new Date(Date.parse(`${wall}Z`) + seconds * 1000).toISOString().slice(0, 19);
export const clock = (wall) => wall.slice(11, 16);

/** A Date that EventCalendar gives holds a wall time in the fields of the browser's zone. */
export function wallOf(date) {
  const two = (number) => String(number).padStart(2, "0");
  const day = `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

const overlap = (one, other) => one.start < other.end && other.start < one.end;
const hostsOf = (slot) => slot.hosts.map(([id]) => id);

/** What is wrong with a time slot as it would be: [{ key, values, other }]; key is that of a text. */
export function problems(slot, slots, { places, first, last }) {
  const found = [];
  const hosts = new Map(slot.hosts);
  for (const other of slots) {
    if (other.id === slot.id || !other.shown || !overlap(slot, other)) continue;
    const when = { title: other.title, start: clock(other.start), end: clock(other.end) };
    for (const id of other.places) {
      if (slot.places.includes(id)) found.push({ key: "taken", other: other.id, values: { place: places.get(id)?.title ?? "", ...when } });
    }
    for (const [id, host] of other.hosts) {
      if (hosts.has(id)) found.push({ key: "host-busy", other: other.id, values: { host, ...when } });
    }
  }
  for (const id of slot.places) {
    const place = places.get(id);
    if (slot.most && place?.holds && place.holds < slot.most) found.push({ key: "too-small", values: { place: place.title, holds: place.holds, most: slot.most } });
  }
  const end = shift(slot.end, -1).slice(0, 10);
  if ((first && slot.start.slice(0, 10) < first) || (last && end > last)) found.push({ key: "outside", values: {} });
  return found;
}

/** Ids of the time slots that share a location or a host with another at the same time. */
export function clashing(slots) {
  const found = new Set();
  const holders = new Map();
  for (const slot of slots) {
    if (!slot.shown) continue;
    for (const key of [...slot.places.map((id) => `p${id}`), ...hostsOf(slot).map((id) => `h${id}`)]) {
      if (!holders.has(key)) holders.set(key, []);
      holders.get(key).push(slot);
    }
  }
  for (const held of holders.values()) {
    held.sort((one, other) => (one.start < other.start ? -1 : 1));
    let longest = held[0];
    for (const slot of held.slice(1)) {
      if (overlap(longest, slot)) found.add(longest.id).add(slot.id);
      if (slot.end > longest.end) longest = slot;
    }
  }
  return found;
}

/** When one of the hosts is elsewhere: [start, end] of wall times. */
export function busy(slot, slots) {
  const hosts = new Set(hostsOf(slot));
  return slots.filter((other) => other.id !== slot.id && other.shown && hostsOf(other).some((id) => hosts.has(id)));
}
