// Dragging an event out of the tray: with a mouse at once, with a finger by its handle.
const FAR_ENOUGH = 5;

/** hooks: pick(offer), over(offer, x, y), drop(offer, x, y), leave(); signal ends it all. */
export function draggable(tray, hooks, signal) {
  let held = null;

  tray.addEventListener("pointerdown", (event) => {
    const item = event.target.closest("[data-offer]");
    const isHandle = event.target.closest(".board-handle");
    if (!item || event.target.closest("a, button, input") || !event.isPrimary) return;
    if (event.pointerType === "mouse" ? event.button !== 0 : !isHandle) return;
    event.preventDefault();
    held = { item, x: event.clientX, y: event.clientY, ghost: null, offer: offerOf(item) };
  }, { signal });

  addEventListener("pointermove", (event) => {
    if (!held) return;
    if (!held.ghost && Math.hypot(event.clientX - held.x, event.clientY - held.y) < FAR_ENOUGH) return;
    if (!held.ghost) {
      held.ghost = document.createElement("div");
      held.ghost.className = "board-ghost";
      held.ghost.textContent = held.offer.title;
      tray.append(held.ghost);
      hooks.pick(held.offer);
    }
    held.ghost.style.transform = `translate(${event.clientX + 12}px, ${event.clientY + 12}px)`;
    hooks.over(held.offer, event.clientX, event.clientY);
  }, { signal });

  addEventListener("pointerup", (event) => {
    const done = held;
    release();
    if (done?.ghost) hooks.drop(done.offer, event.clientX, event.clientY);
  }, { signal });
  addEventListener("pointercancel", release, { signal });
  addEventListener("keydown", (event) => event.key === "Escape" && release(), { signal });

  function release() {
    if (held?.ghost) {
      held.ghost.remove();
      hooks.leave();
    }
    held = null;
  }
}

function offerOf({ dataset }) {
  return {
    id: 0,
    event: Number(dataset.offer),
    title: dataset.title,
    minutes: Number(dataset.minutes),
    most: Number(dataset.most) || null,
    hosts: [[Number(dataset.host), dataset.name]],
  };
}
