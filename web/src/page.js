// Every page: partial updates, the dialog, live parts, and messages when the network or the session is gone.
import htmx from "htmx.org";

const root = document.documentElement.dataset.root;

Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  selfRequestsOnly: true,
  includeIndicatorStyles: false,
  historyCacheSize: 0, // nothing of a person's pages stays in the browser
  refreshOnHistoryMiss: true, // so whoever goes back sees what loading the address shows: also a lost network or session
  scrollIntoViewOnBoost: false,
  // what was refused comes back as a form with its problems; of all else that failed, the page stays and a banner tells
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "4(03|04|09|22)", swap: true },
    { code: "...", swap: false, error: true },
  ],
});

// --- the banner

export function tell(key) {
  const text = document.querySelector(`#messages > [data-key="${key}"]`);
  if (text) show(text.cloneNode(true));
}

/** Show an element in the banner; while the dialog is open in its own, since nothing else can be reached then. */
function show(element) {
  const banner = document.getElementById(document.getElementById("dialog")?.open ? "dialog-banner" : "banner");
  if (!banner) return;
  banner.replaceChildren(element);
  banner.hidden = false;
  banner.scrollIntoView({ block: "nearest" });
}

export function untell() {
  for (const banner of document.querySelectorAll(".banner")) banner.hidden = true;
}

/** What the page of a refusal says, as a paragraph; undefined if the answer is no such page. */
function refusal({ responseText = "" }) {
  if (!responseText.includes("data-refusal")) return undefined;
  const box = new DOMParser().parseFromString(responseText, "text/html").querySelector("[data-refusal]");
  if (!box) return undefined;
  const [title, ...sentences] = [...box.children].map((part) => part.textContent.replace(/\s+/g, " ").trim());
  const told = document.createElement("p");
  told.textContent = [`${title}.`, ...sentences].join(" ");
  return told;
}

// --- what runs

let running = 0;
let timer;
const waitingText = () => document.querySelector('#messages > [data-key="waiting"]')?.textContent ?? "";

/** Something was sent: if its answer takes long enough to be noticed, the page shows that. */
function begin() {
  running += 1;
  timer ??= setTimeout(() => {
    document.documentElement.classList.add("is-waiting");
    if (document.querySelector(".htmx-request")) say(waitingText());
  }, 400);
}

function end() {
  running = Math.max(0, running - 1);
  if (running) return;
  clearTimeout(timer);
  timer = undefined;
  if (document.getElementById("status")?.textContent === waitingText()) say("");
  document.documentElement.classList.remove("is-waiting");
}

const sent = new Set(); //: forms that wait for their answer: they are not sent a second time

function mark(form, isSent) {
  if (isSent) sent.add(form);
  else sent.delete(form);
  form.toggleAttribute("data-sent", isSent);
  for (const button of form.elements) {
    if (button.type === "submit" && isSent) button.setAttribute("aria-disabled", "true");
    else if (button.type === "submit") button.removeAttribute("aria-disabled");
  }
}

document.addEventListener("submit", (event) => {
  if (!sent.has(event.target)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);
document.addEventListener("htmx:beforeSend", ({ detail }) => {
  begin();
  if (detail.elt.matches("form") && detail.requestConfig.verb !== "get") mark(detail.elt, true);
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  end();
  if (sent.has(detail.elt)) mark(detail.elt, false);
});

/** Say a sentence to those who listen to the page. */
export function say(sentence) {
  const status = document.getElementById("status");
  if (status) status.textContent = sentence;
}

export function keyOf(status) {
  return { 0: "offline", 401: "expired", 413: "large", 429: "busy", 503: "busy" }[status] ?? "failed";
}

/** Ask the server for JSON; undefined if the page told what is the matter. Refusals (409, 422) come back as values. */
export async function ask(path, { method = "GET", body, signal } = {}) {
  let answer;
  begin();
  try {
    answer = await fetch(root + path, {
      method,
      signal,
      headers: body === undefined ? { Accept: "application/json" } : { Accept: "application/json", "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      redirect: "error",
    });
  } catch (error) {
    if (error.name === "AbortError") return undefined;
    tell("offline");
    return undefined;
  } finally {
    end();
  }
  if (answer.ok || [403, 404, 409, 422].includes(answer.status)) {
    untell();
    return answer.status === 204 ? { ok: true } : { ok: answer.ok, ...(await answer.json()) };
  }
  tell(keyOf(answer.status));
  return undefined;
}

addEventListener("offline", () => tell("offline"));
addEventListener("online", untell);
document.addEventListener("htmx:sendError", () => tell("offline"));
document.addEventListener("htmx:timeout", () => tell("offline"));
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  untell();
  // a form stays as it is, with what was typed, if all that comes back is a page that says no
  if (detail.requestConfig.verb === "get" || detail.isError) return;
  const told = refusal(detail.xhr);
  if (!told) return;
  detail.shouldSwap = false;
  show(told);
});
document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
  const told = xhr.status === 401 ? undefined : refusal(xhr);
  if (told) show(told);
  else tell(keyOf(xhr.status));
});

// --- the dialog: links with data-dialog open in it, and forms in it come back to it

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    event.stopImmediatePropagation();
    openDialog(link.getAttribute("href"));
  }
  const closer = event.target.closest("[data-close]");
  if (closer && closer.closest("dialog")) {
    event.preventDefault();
    closer.closest("dialog").close();
  }
}, true);

export function openDialog(address) {
  return htmx.ajax("GET", address, { target: "#dialog-content", swap: "innerHTML" });
}

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.target?.id === "dialog-content") event.detail.headers["X-Dialog"] = "1";
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "dialog-content") return;
  const dialog = document.getElementById("dialog");
  if (!dialog.open) dialog.showModal();
  (dialog.querySelector("[aria-invalid=true]") ?? dialog.querySelector("[autofocus]") ?? dialog.querySelector("h1, h2"))?.focus();
});

// a page that was sent from further down stays there: what is said about that, or was refused, comes into sight
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target !== document.body) return;
  const told = document.querySelector("main > .note[role]:not([hidden])") ?? document.querySelector("main [aria-invalid=true]");
  told?.scrollIntoView({ block: "nearest" });
});

// --- parts of pages

let isPressed = false; // what is pressed must still be there when it is let go, or nothing was clicked
addEventListener("pointerdown", () => { isPressed = true; }, true);
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => { isPressed = false; }, true);

/** Put other HTML of ours into an element; the focus and what was chosen stay, where they have an id. */
function replaceWithin(element, html) {
  const focused = element.contains(document.activeElement) ? document.activeElement.id : "";
  const chosen = [...element.querySelectorAll("select[id]")].map(({ id, value }) => [id, value]);
  element.innerHTML = html;
  htmx.process(element);
  start();
  for (const [id, value] of chosen) if (document.getElementById(id)) document.getElementById(id).value = value;
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

const PARTS = {
  // a part that the server keeps up to date: events "html" replace it, "end" ends it. A page that nobody looks at
  // has no stream: browsers allow few connections at a time
  "[data-live]": (element) => {
    let source;
    let isOver = false;
    let latest;
    const put = () => {
      if (latest === undefined || isPressed) return;
      replaceWithin(element, latest);
      latest = undefined;
    };
    const putSoon = () => setTimeout(put); // after the click
    const close = () => source?.close();
    const open = () => {
      close();
      if (isOver || document.hidden) return;
      source = new EventSource(element.dataset.live);
      source.addEventListener("html", ({ data }) => {
        latest = data;
        put();
      });
      source.addEventListener("end", () => {
        isOver = true;
        close();
      });
    };
    document.addEventListener("visibilitychange", open);
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, putSoon);
    open();
    return () => {
      document.removeEventListener("visibilitychange", open);
      for (const end of ["pointerup", "pointercancel"]) removeEventListener(end, putSoon);
      close();
    };
  },
  "[data-copy]": (button) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const field = document.getElementById(button.dataset.copy);
      try {
        await navigator.clipboard.writeText(field.value ?? field.textContent);
      } catch {
        field.select?.();
        document.execCommand("copy");
      }
      say(button.dataset.copied);
    });
  },
  // a form that is sent as soon as one of its fields was changed
  "form[data-auto]": (form) => form.addEventListener("change", () => form.requestSubmit()),
  // what a script makes usable
  "[data-script]": (element) => {
    element.hidden = false;
  },
};
/** Parts whose script is loaded when one of them is there: selector -> module with start(element) -> end(). */
const LATER = {
  "[data-conditions]": () => import("./exports.js"),
  "[data-calendar]": () => import("./calendar.js"),
  "[data-board]": () => import("./board.js"),
  "form[data-working], form:has([data-working])": () => import("./working.js"),
  "[data-programme]": () => import("./programme.js"),
};
const started = new Map();

function start() {
  for (const [element, end] of started) {
    if (!element.isConnected) {
      started.delete(element);
      end?.();
    }
  }
  for (const [selector, begin] of Object.entries(PARTS)) {
    for (const element of document.querySelectorAll(selector)) {
      if (!started.has(element)) started.set(element, begin(element));
    }
  }
  for (const [selector, load] of Object.entries(LATER)) {
    for (const element of document.querySelectorAll(selector)) {
      if (started.has(element)) continue;
      started.set(element, undefined);
      load().then((module) => started.has(element) && started.set(element, module.start(element)));
    }
  }
}

/** What is shown is in sight where the links of a phone are one line. */
function showCurrent() {
  for (const list of document.querySelectorAll(".bar nav ul, .sub ul")) {
    const link = list.querySelector("[aria-current]");
    if (link) list.scrollLeft = link.offsetLeft + link.offsetWidth / 2 - list.offsetLeft - list.clientWidth / 2;
  }
}

/** Another language or other colours are shown where one is: the form names the path alone, for lack of a script. */
document.addEventListener("submit", ({ target }) => {
  const back = target.matches(".foot form") && target.elements.back;
  const query = new URLSearchParams(location.search);
  query.delete("said");
  if (back) back.value += query.size ? `?${query}` : "";
}, true);

/** The viewer's zone is remembered until another one is chosen. */
function rememberZone() {
  if (!/(^|; )slotport_zone=/.test(document.cookie)) {
    const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone);
    document.cookie = `slotport_zone=${zone}; Path=${root || "/"}; Max-Age=31536000; SameSite=Lax`;
  }
}

/** The message for the key that this page was sent to: /#server_error:<key>, or /#m:<reason>#l:<login>. */
function showServerError() {
  const box = document.getElementById("server-error");
  const sent = /^#(server_error|m):([A-Za-z0-9_.-]+)/.exec(location.hash);
  if (!box) return;
  box.hidden = !sent;
  if (!sent) return;
  const key = sent[1] === "m" ? "error.user." + sent[2] : sent[2];
  const messages = [...box.querySelectorAll("li")];
  const known = messages.find((item) => item.dataset.key === key) ?? messages.find((item) => item.dataset.key === "");
  for (const item of messages) item.hidden = item !== known;
}

rememberZone();
showServerError();
start();
showCurrent();
addEventListener("hashchange", showServerError);
document.addEventListener("htmx:afterSettle", showCurrent);
document.addEventListener("htmx:load", start);
document.documentElement.dataset.ready = "";
