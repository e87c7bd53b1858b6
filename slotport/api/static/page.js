// Shows the message for the key that this page was sent to: /#server_error:<key>, or /#m:<reason>#l:<login>.
"use strict";

function show() {
  const sent = /^#(server_error|m):([A-Za-z0-9_.-]+)/.exec(location.hash);
  const box = document.getElementById("server-error");
  if (!sent) {
    box.hidden = true;
    return;
  }
  const key = sent[1] === "m" ? "error.user." + sent[2] : sent[2];
  const messages = [...document.querySelectorAll("#server-error li")];
  const known = messages.find((item) => item.dataset.key === key) || messages.find((item) => item.dataset.key === "");
  for (const item of messages) item.hidden = item !== known;
  box.hidden = false;
}

addEventListener("hashchange", show);
show();
