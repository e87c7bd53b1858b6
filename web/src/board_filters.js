// What the board shows: chosen locations, a tag, the height, the hours; remembered in the page's address.
const PHONE = matchMedia("(max-width: 40rem)");

/** hooks are told what changes; returns what is chosen now. */
export function filters(element, told, hooks, signal) {
  const find = (name) => element.querySelector(`[data-${name}]`);
  const boxes = [...element.querySelectorAll("[data-place]")];
  const asked = new URLSearchParams(location.search);
  const wanted = new Set(asked.getAll("place"));
  if (wanted.size) {
    for (const box of boxes) box.checked = wanted.has(told.places.find(({ id }) => id === box.dataset.place).slug);
    if (!boxes.some((box) => box.checked)) for (const box of boxes) box.checked = true;
  }
  if ([...find("zoom").options].some(({ value }) => value === asked.get("zoom"))) find("zoom").value = asked.get("zoom");
  find("whole").checked = asked.has("whole");

  const checked = () => new Set(boxes.filter((box) => box.checked).map((box) => box.dataset.place));
  const places = () => (PHONE.matches ? new Set([find("one").value]) : checked());

  function remember() {
    const now = new URLSearchParams({ day: told.day });
    const chosen = checked();
    if (chosen.size < boxes.length) for (const { id, slug } of told.places) if (chosen.has(id)) now.append("place", slug);
    if (find("tag")?.value) now.set("tag", find("tag").value);
    if (find("zoom").value !== "24") now.set("zoom", find("zoom").value);
    if (find("whole").checked) now.set("whole", "1");
    history.replaceState(history.state, "", `?${now}${location.hash}`);
    for (const link of document.querySelectorAll("a[data-day]")) {
      now.set("day", link.dataset.day);
      link.search = `?${now}`;
    }
    now.delete("day");
    const kept = [...now].map(([name, value]) => Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    document.querySelector("[data-kept]").replaceChildren(...kept);
    name(chosen.size);
  }

  function name(count) {
    const key = count === boxes.length ? "all-places" : "some-places";
    find("places-summary").textContent = hooks.text(key, { count, all: boxes.length });
    for (const area of element.querySelectorAll("[data-area]")) {
      const own = [...area.closest("fieldset").querySelectorAll("[data-place]")];
      area.checked = own.every((box) => box.checked);
      area.indeterminate = !area.checked && own.some((box) => box.checked);
    }
  }

  function changed() {
    remember();
    hooks.places(places());
  }

  function setAll(isOn) {
    for (const box of boxes) box.checked = isOn;
    changed();
  }

  element.addEventListener("change", ({ target }) => {
    if (target.matches("[data-area]")) {
      for (const box of target.closest("fieldset").querySelectorAll("[data-place]")) box.checked = target.checked;
      changed();
    } else if (target.matches("[data-place], [data-one]")) changed();
    else if (target === find("tag")) { remember(); hooks.tag(); }
    else if (target === find("zoom")) { remember(); hooks.zoom(Number(target.value)); }
    else if (target === find("whole")) { remember(); hooks.whole(); }
  }, { signal });
  find("all").addEventListener("click", () => setAll(true), { signal });
  find("none").addEventListener("click", () => setAll(false), { signal });
  PHONE.addEventListener("change", () => hooks.places(places()), { signal });
  remember();

  return {
    places,
    tag: () => Number(find("tag")?.value ?? 0),
    zoom: () => Number(find("zoom").value),
    whole: () => find("whole").checked,
    showAll: () => {
      setAll(true);
    },
  };
}
