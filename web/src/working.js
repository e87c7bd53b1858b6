// Forms whose work takes its time: they are sent by the script, which shows how far the work is and can stop it.
// The answer is an event stream (slotport/api/page/working.py); without a script it is the page itself.
import htmx from "htmx.org";
import { keyOf, say, tell, untell } from "./page.js";

/** Take over the form, or the one button of it that has data-working; returns what ends that. */
export function start(form) {
  const box = form.querySelector("[data-progress]");
  const bar = box.querySelector("progress");
  const text = box.querySelector("[data-text]");
  let request;

  function submit(event) {
    const submitter = event.submitter;
    if (submitter?.dataset.plain !== undefined) return;
    if (form.dataset.working === undefined && submitter?.dataset.working === undefined) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!request && fits()) send(new FormData(form, submitter));
  }

  /** Whether no file is larger than the server takes; it would cut the connection in the middle of one. */
  function fits() {
    const field = form.querySelector("input[type=file]");
    const file = field?.files[0];
    if (!file || !form.dataset.most || file.size <= Number(form.dataset.most)) return true;
    problem(field, form.dataset.large);
    return false;
  }

  function send(data) {
    const isFile = form.enctype === "multipart/form-data";
    let read = 0;
    let isAnswered = false;
    request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "text/event-stream, text/html");
    request.upload.onprogress = ({ loaded, total, lengthComputable }) => {
      if (lengthComputable && isFile) bar.value = loaded / total;
    };
    request.onprogress = () => {
      if (!request || !isStream(request)) return;
      const events = request.responseText.slice(read).split("\n\n");
      read += events.slice(0, -1).reduce((sum, one) => sum + one.length + 2, 0);
      for (const one of events.slice(0, -1)) isAnswered = take(one) || isAnswered;
    };
    request.onloadend = () => {
      const { status, responseURL } = request;
      const page = isStream(request) ? undefined : request.responseText;
      stop();
      if (isAnswered) return;
      if (status === 200 && page) location.assign(responseURL); // it was done before
      else if ([404, 413, 422].includes(status) && page) show(page);
      else tell(keyOf(status === 200 ? 0 : status));
    };
    bar.removeAttribute("value");
    box.hidden = false;
    box.scrollIntoView({ block: "nearest" });
    untell();
    request.send(isFile ? data : new URLSearchParams(data));
  }

  /** One event; whether it is the answer. */
  function take(event) {
    const found = /^event: (\w+)\ndata: (.*)$/m.exec(event);
    if (!found) return false;
    const value = JSON.parse(found[2]);
    if (found[1] === "progress") {
      bar.value = value.value;
      text.textContent = value.text;
      return false;
    }
    if (found[1] === "go") location.assign(value);
    else show(value);
    return true;
  }

  function show(page) {
    htmx.swap("body", page, { swapStyle: "innerHTML" }, { eventInfo: { target: document.body } });
    (document.querySelector("main [aria-invalid=true]") ?? document.querySelector("main .problem, main [role=alert]") ?? document.querySelector("main h1"))?.focus();
    scrollTo(0, 0);
  }

  function stop() {
    request = undefined;
    box.hidden = true;
  }

  /** The choice of a preview: how many are selected, as the boxes that are shown change. */
  function count() {
    const shown = form.querySelector("[data-chosen]");
    if (shown) shown.textContent = Number(shown.dataset.elsewhere) + form.querySelectorAll("[name=pick]:checked").length;
  }

  form.dataset.taken = ""; // for those who wait until it is
  const ends = form.dataset.drop === undefined ? [] : dropping(form);
  form.addEventListener("submit", submit, true);
  form.addEventListener("change", count);
  box.querySelector("[data-stop]").addEventListener("click", () => request?.abort());
  return () => ends.forEach((end) => end());
}

function isStream(request) {
  return (request.getResponseHeader("Content-Type") ?? "").startsWith("text/event-stream");
}

/** Say beside the field what is the matter. */
function problem(field, sentence) {
  const id = `${field.id}-problem`;
  document.getElementById(id)?.remove();
  const told = document.createElement("p");
  told.className = "problem";
  told.id = id;
  told.textContent = sentence;
  field.parentElement.append(told);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", id);
  field.focus();
  say(sentence);
}

/** A file that is dropped anywhere on the page is the form's, and is sent. */
function dropping(form) {
  const field = form.querySelector("input[type=file]");
  const over = (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    form.classList.add("is-over");
  };
  const out = (event) => {
    if (!event.relatedTarget) form.classList.remove("is-over");
  };
  const drop = (event) => {
    form.classList.remove("is-over");
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    const held = new DataTransfer();
    held.items.add(event.dataTransfer.files[0]);
    field.files = held.files;
    form.requestSubmit();
  };
  const all = Object.entries({ dragover: over, dragleave: out, drop });
  for (const [name, listener] of all) document.addEventListener(name, listener);
  return all.map(([name, listener]) => () => document.removeEventListener(name, listener));
}
